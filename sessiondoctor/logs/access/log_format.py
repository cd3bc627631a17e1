"""A format as it stands in a configuration.

nginx's `log_format`: ngx_http_log_module; Apache's `LogFormat`: mod_log_config; Tomcat's `pattern`: AccessLogValve;
HAProxy's `log-format`: configuration manual, 8.2.6; Envoy's format string: access log, command operators.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sessiondoctor.logs.access.sessions import is_known, session_of
from sessiondoctor.logs.access.text import TextFormat, compiled
from sessiondoctor.logs.access.usual import REQUEST

if TYPE_CHECKING:
    from collections.abc import Iterator

_SERVER: Final = rb'[^\s",]+'
_NODES: Final = rb"(?P<node>%b(?:(?:, | : )%b){0,9})" % (_SERVER, _SERVER)
_REQUEST: Final = rb'(?P<request>(?:[A-Z]{1,20} )?(?:[a-z]{2,5}://[^/\s"]+)?(?P<path>/[^/?\s";]*)?[^"\n]*)'
_URL: Final = rb'(?P<request>(?P<path>/?[^/?\s";]*)[^\s"]*)'
_CLF: Final = rb"(?P<time>\d\d/[A-Z][a-z]{2}/\d{4}:[\d:.]+(?: [+-]\d{4})?)"
_ISO: Final = rb"(?P<time>\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-][\d:]+)?)"
_NUMBER: Final = rb"(?P<time>\d{10}[\d.]*)"
_STATUS: Final = rb"(?P<status>-?\d{1,3}|-)"
_ADDR: Final = rb'(?P<addr>[^\s",]+)'
_FORWARDED: Final = rb'(?P<addr>[^\s",]+)(?:, [^\s",]+){0,30}'
_COOKIES: Final = rb'(?P<cookies>[^"\n]*)'
_ID: Final = rb'(?P<session>[^\s";,]+)'
_REQUEST_LINE: Final = rb"\S+ " + _URL + rb" \S+"
_ANY: Final = rb"[^\n]*?"
_OF_SERVERS: Final = rb'[^\s"]+(?:(?:, | : )[^\s"]+){0,9}'

# What a variable's text looks like; all others are passed over.
_NGINX: Final = {
    "remote_addr": _ADDR, "realip_remote_addr": _ADDR, "http_x_forwarded_for": _FORWARDED, "time_local": _CLF,
    "time_iso8601": _ISO, "msec": _NUMBER, "status": _STATUS, "request": REQUEST, "request_uri": _URL, "uri": _URL,
    "upstream_addr": _NODES, "http_cookie": _COOKIES,
}  # fmt: skip
_APACHE: Final = {
    "h": _ADDR, "a": _ADDR, "t": rb"\[" + _CLF + rb"\]", "r": REQUEST, "U": _URL, "s": _STATUS, "S": _ID,
    "{X-Forwarded-For}i": _FORWARDED, "{Cookie}i": _COOKIES, "{BALANCER_WORKER_NAME}e": rb"(?:[a-z]{2,5}://)?" + _NODES,
    "{BALANCER_WORKER_ROUTE}e": _NODES, "{JK_WORKER_NAME}n": _NODES,
}  # fmt: skip
_HAPROXY: Final = {
    "ci": _ADDR, "t": _CLF, "tr": _CLF, "trl": _CLF, "T": _CLF, "Tl": _CLF, "s": _NODES, "ST": _STATUS, "HP": _URL,
    "HU": _URL, "hr": _COOKIES, "r": REQUEST, "CC": _COOKIES, "si": _NODES, "[src]": _ADDR, "[status]": _STATUS,
    "[path]": _URL, "[srv_name]": _NODES,
}  # fmt: skip
_ENVOY: Final = {
    "START_TIME": _ISO, "RESPONSE_CODE": _STATUS, "UPSTREAM_HOST": _NODES, "REQ(:PATH)": _URL, "REQ(COOKIE)": _COOKIES,
    "REQ(X-ENVOY-ORIGINAL-PATH?:PATH)": _URL, "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT": _ADDR,
    "DOWNSTREAM_REMOTE_ADDRESS": rb'\[?(?P<addr>[^\s",\]]+?)\]?(?::\d{1,5})?', "REQ(X-FORWARDED-FOR)": _FORWARDED,
}  # fmt: skip
_COOKIE: Final = re.compile(
    r"cookie_(?P<nginx>\w+)$|\{(?P<apache>[^}]+)\}[Cc]$|\[(?:capture\.)?req\.cook(?:ie)?\((?P<haproxy>[^)]+)\)\]$"
)


@dataclass(frozen=True, slots=True)
class _Language:
    """`variable` has the name in its first group; `texts` what it looks like."""

    name: str
    variable: re.Pattern[str]
    texts: Mapping[str, bytes]


_LANGUAGES: Final = (
    _Language("log_format", re.compile(r"\$\{?(\w+)\}?"), _NGINX),
    _Language("envoy", re.compile(r"%([A-Z][A-Z0-9_]+(?:\([^)]*\))?)(?::\d+)?%"), _ENVOY),
    _Language("haproxy", re.compile(r"%(?:\{[^}]{0,40}\})?(\[[^\]]{1,200}\]|[a-zA-Z]{1,3})"), _HAPROXY),
    _Language("apache", re.compile(r"%[!\d,]*[<>]?((?:\{[^}]{1,100}\})?\^?[a-zA-Z])"), _APACHE),
)


def of_log_format(text: str, cookie: str = "") -> TextFormat:
    """The format that the configuration says.

    Raises:
        ValueError: it has no variable that says anything.
    """
    language = _language(text)
    variables = list(_variables(text.strip(), language, cookie))
    line = compiled(b"".join(variables) + rb"[ \t\r]*$")
    told = line.groupindex.keys()
    if not told & {"node", "addr", "status", "session", "cookies"}:
        raise ValueError("expected variables such as $remote_addr $status $upstream_addr $http_cookie")
    search = session_of(cookie) if told & {"cookies", "request"} and "session" not in told else None
    return TextFormat(language.name, line, None, search, cookie, in_request="request" in told)


def _language(text: str) -> _Language:
    """Of the configuration's languages the one whose variables the text has."""
    if "$" in text and not re.search(r"%[{>a-zA-Z\[]", text):
        return _LANGUAGES[0]
    if re.search(r"%[A-Z][A-Z0-9_]+(?:\([^)]*\))?(?::\d+)?%", text):
        return _LANGUAGES[1]
    return _LANGUAGES[2] if re.search(r"%(?:ci|\[|ST|CC|hr|tr|\{\+Q)", text) else _LANGUAGES[3]


def _variables(text: str, language: _Language, cookie: str) -> Iterator[bytes]:
    """What the text says literally, and each variable, the first of a kind by name."""
    at, named, covered = 0, set[bytes](), False
    chosen = _session_variable(text, language, cookie)
    found = list(language.variable.finditer(text))
    for place, variable in enumerate(found):
        between = text[at : variable.start()]
        yield re.escape(between.encode())
        at = variable.end()
        after = text[at : at + 1] if place + 1 == len(found) or found[place + 1].start() > at else ""
        pattern = _ID if variable[1] == chosen else language.texts.get(variable[1], b"")
        kinds = set(re.findall(rb"\?P<(\w+)>", pattern))
        covered = covered and not between and (not pattern or bool(kinds & named))
        if covered:
            continue  # any text is one text: several in a row would be tried in all ways
        if not pattern or kinds & named:
            other = _other(variable[1], after)
            covered = other == _ANY
            yield other
        else:
            whole = rb"(?:-|%b)" % pattern if b"|-" not in pattern else pattern
            yield rb'"%b"' % whole if "+Q" in variable[0] else whole  # quoted, in HAProxy's words
            named |= kinds
    yield re.escape(text[at:].encode())


def _other(name: str, after: str) -> bytes:
    """A variable that says nothing here: all up to what stands behind it."""
    if after == " " and name.startswith("upstream_"):
        return _OF_SERVERS
    if after == " " and name in {"request", "r"}:
        return rb"\S+ \S+ \S+"
    if after == " " and name in {"time_local", "t"}:
        return rb"[^\n]{20,28}"
    return rb"[^%b\n]*" % re.escape(after.encode()) if after else _ANY


def _session_variable(text: str, language: _Language, cookie: str) -> str:
    """The variable of the session cookie: the one asked for, else one of a known name, else the first of all."""
    there = [variable[1] for variable in language.variable.finditer(text)]
    named = {name: next(filter(None, found.groups())) for name in there if (found := _COOKIE.search(name))}
    if cookie:
        return next((name for name, of in named.items() if of == cookie), "")
    known = next((name for name, of in named.items() if is_known(of)), "")
    return known or next(iter(named), "")
