"""Formats of access logs: what a line says, by nginx's `log_format` or guessed from the first lines.

nginx: https://nginx.org/en/docs/http/ngx_http_log_module.html; HAProxy: configuration manual, 8.2.3 (HTTP log format);
Apache and Tomcat: mod_log_config, AccessLogValve; Envoy: access log format; Traefik: CLF with fields of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

FEWEST = 0.6  # of the lines must fit for a guess
_SAMPLE = 500
_LINES: Final = {
    "haproxy": rb"^(?:[^\n]{0,200}?\]: )?(?P<addr>[0-9A-Fa-f.:]{2,60}):\d{1,5} \[(?P<time>[^\]\n]{10,40})\] \S{1,100} "
    rb"[^/\s]{1,100}/(?P<node>[^\s]{1,100}) [-+\d/]{3,60} (?P<status>-?\d{1,3}) (?P<rest>[^\n]*)",
    "envoy": rb'^\[(?P<time>[^\]\n]{10,40})\] "(?P<path>[^"\n]{0,8192})" (?P<status>\d{1,3})'
    rb'(?P<rest>[^\n]*"(?P<node>[^"\s]{3,80})")$',
    "common": rb'^(?P<addr>[^\s"]{2,80}) [^\s]{1,80} [^\[\n]{1,120}\[(?P<time>[^\]\n]{10,40})\] '
    rb'"(?P<path>[^"\n]{0,8192})" (?P<status>\d{3})(?P<rest>[^\n]*)',
    "json": rb'^(?P<rest>\{[^\n]*"(?:status|response_code|DownstreamStatus)":\s?"?(?P<status>\d{3})[^\n]*\})',
}
_NAMES: Final = (
    rb"JSESSIONID|PHPSESSID|connect\.sid|sessionid|SESSION|SESSIONID|laravel_session|ASP\.NET_SessionId|grafana_session"
    rb"|\.AspNetCore\.(?:Session|Cookies)|_[a-z0-9_]{1,40}_session|session_id|session|sid"
)
_BEFORE: Final = rb"(?<![A-Za-z0-9_.-])"
_VALUE: Final = rb'(?:=|"?:\s?"|%3[Dd])(?P<session>[^;"\s,&|\\{}]{8,1024})'
_ADDRESS: Final = rb"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]{2,45}\]|unix|[a-z][\w.-]{1,60}):[\w/.-]{1,80}"
_LIST: Final = rb"(?P<node>%b(?:(?:, | : )%b){0,9})" % (_ADDRESS, _ADDRESS)
_KEYS: Final = rb"(?:upstream[a-z_]{0,12}|backend|ServiceAddr|ServiceURL|served_by|node)"
# What stands before the nodes of a request, and the nodes.
_NODES: Final = (
    (_KEYS + rb'(?:=|"?:\s?)"?', rb"(?:https?://)?" + _LIST),
    (rb'" "https?://', _LIST + rb'" \d{1,9}ms'),
    (rb"\s", _LIST + rb"(?=[\s\"]|$)"),
)
# Variables of nginx's log_format that say something here; others are passed over.
_VARIABLES: Final = {
    "remote_addr": rb"(?P<addr>[^\s\"]{2,80})",
    "time_local": rb"(?P<time>[^\]\n]{10,40})",
    "time_iso8601": rb"(?P<time>[^\s\"]{10,40})",
    "status": rb"(?P<status>\d{3})",
    "request": rb"(?P<path>[^\"\n]{0,8192}?)",
    "request_uri": rb"(?P<path>[^\s\"]{1,8192})",
    "upstream_addr": rb"(?P<node>[^\"\n]{1,400}?)",
    "http_cookie": rb"(?P<cookies>[^\"\n]{0,16384}?)",
}
_OF_COOKIE: Final = rb"(?P<session>[^\s\";]{1,1024})"
_ANYTHING: Final = rb"[^\n]{0,16384}?"
_VARIABLE: Final = re.compile(r"\$\{?(\w+)\}?")


@dataclass(frozen=True, slots=True)
class AccessFormat:
    """How to read a line: `line` finds each, `node` and `session` search in what it leaves as `rest`.

    Attributes:
        name: as a person calls it.
        cookie: the session cookie's name; empty if no line has one.
    """

    name: str
    line: re.Pattern[bytes]
    node: re.Pattern[bytes] | None = None
    session: re.Pattern[bytes] | None = None
    cookie: str = ""

    @property
    def names_nodes(self) -> bool:
        """Whether lines say which node answered."""
        return self.node is not None or "node" in self.line.groupindex


def of_log_format(text: str, cookie: str = "") -> AccessFormat:
    """By nginx's log_format, as it stands in the configuration.

    Raises:
        ValueError: it has no variable that says anything.
    """
    line = re.compile(b"^" + b"".join(_pieces(text.strip())) + rb"\s*$", re.MULTILINE)
    told = line.groupindex.keys()
    if not told & {"node", "addr", "status", "session", "cookies"}:
        raise ValueError("expected variables such as $remote_addr $status $upstream_addr $http_cookie")
    return AccessFormat("log_format", line, session=_session(cookie) if "cookies" in told else None, cookie=cookie)


def _pieces(text: str) -> Iterator[bytes]:
    """The expression of a log_format: what it says literally, and each variable, the first of a kind by name."""
    at, named = 0, set()
    for found in _VARIABLE.finditer(text):
        yield re.escape(text[at : found.start()].encode())
        pattern = _OF_COOKIE if found[1].startswith("cookie_") else _VARIABLES.get(found[1], _ANYTHING)
        yield _ANYTHING if pattern[:10] in named else pattern
        named |= {pattern[:10]} - {_ANYTHING[:10]}
        at = found.end()
    yield re.escape(text[at:].encode())


def guess(lines: Sequence[bytes], cookie: str = "") -> AccessFormat | None:
    """The format that most of these lines fit; None if no known one fits."""
    sample = [line for line in lines[:_SAMPLE] if line.strip() and not line.startswith(b"#")]
    for name, regex in _LINES.items():
        pattern = re.compile(regex, re.MULTILINE)
        found = [match for line in sample if (match := pattern.match(line))]
        if found and len(found) >= FEWEST * len(sample):
            rests = [match["rest"] for match in found]
            known = cookie or _commonest(rests)
            node = None if "node" in pattern.groupindex else _node(rests)
            return AccessFormat(name, pattern, node, _session(known) if known else None, known)
    return None


def _session(cookie: str) -> re.Pattern[bytes]:
    """A known name stands first, because Python looks for the literal text that an expression begins with."""
    if not cookie:
        return re.compile(_BEFORE + rb"(?P<name>" + _NAMES + rb")" + _VALUE)
    name = re.escape(cookie.encode())
    return re.compile(name + rb"(?<![A-Za-z0-9_.-]" + name + rb")" + _VALUE)


def _commonest(rests: Iterable[bytes]) -> str:
    """The name of the session cookie in most of these."""
    pattern = _session("")
    names = Counter(match["name"] for rest in rests if (match := pattern.search(rest)))
    return max(names, key=lambda name: names[name]).decode() if names else ""


def _node(rests: Sequence[bytes]) -> re.Pattern[bytes] | None:
    """The first way of naming a node that fits most of these."""
    for before, nodes in _NODES:
        pattern = re.compile(rb"(?P<key>" + before + rb")" + nodes)
        found = [match for rest in rests if (match := pattern.search(rest))]
        if len(found) >= FEWEST / 2 * len(rests):
            keys = {match["key"] for match in found}
            return re.compile(re.escape(keys.pop()) + nodes) if len(keys) == 1 else pattern
    return None
