"""The usual formats of access logs, guessed from the first lines.

nginx and Apache httpd: combined, with fields of one's own after it; Tomcat: AccessLogValve, `common` and `combined`;
HAProxy: configuration manual, 8.2.3 (HTTP log format); Envoy: access log, default format string, and Istio's; Traefik:
CLF with fields of its own; AWS: access logs of Application and Classic Load Balancers.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sessiondoctor.logs.access.sessions import commonest, session_of
from sessiondoctor.logs.access.text import TextFormat, compiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FEWEST: Final = 0.6  # of the lines must fit for a guess
_SAMPLE: Final = 500
# Nothing before it is reconsidered for what is behind it. RE2 reads a part of up to four groups in one pass.
CUT: Final = rb"(?:)"
# What containers, journald, syslog and compose put before a line.
_PREFIX: Final = rb"(?:\d{4}-\S+ (?:stdout|stderr) [FP] |[A-Z][a-z]{2} [ \d]\d [\d:]{8} \S+ \S+: |[\w.-]+ +\| )?"
PATH: Final = rb'(?:[A-Z]+ )?(?:[a-z]+://[^/\s"]+)?(?P<path>/[^/?\s";]*)?'
REQUEST: Final = rb"(?P<request>" + PATH + rb'[^"\n]*)'
_HOST: Final = rb"(?:[\w.-]+:\d+ )?"  # Apache's vhost_combined
_TIME: Final = rb"\[(?P<time>[^\]\n]+)\]"
_ISO: Final = rb"(?P<time>\d{4}-\d\d-\d\dT[\d:.,]+(?:Z|[+-][\d:]+)?)"
_QUOTED: Final = rb'"[^"\n]*" '
_UP_TO_NODE: Final = rb" \S+ (?P<addr>[0-9A-Fa-f.:]+):\d+ (?P<node>\S+) (?:[-\d.]+ ){3}" + CUT
_LINES: Final = {
    "haproxy": rb"(?:[^\n]*?\]: )?(?P<addr>[0-9A-Fa-f.:]+):\d+ " + _TIME + rb" \S+ [^/\s]+/(?P<node>\S+) [-+\d/]+ "
    + CUT + rb"(?P<status>-?\d{1,3}) (?P<rest>[^\n]*)",
    "envoy": _PREFIX + rb"\[" + _ISO + rb'\] "' + REQUEST + rb'" (?P<status>\d{1,3}) ' + CUT
    + rb'[^"\n]*(?:"[^"\n]*" [-\d ]*)??"(?P<addr>[^",\n]*)[^"\n]*" ' + _QUOTED * 3 + rb'"(?:tcp://)?(?P<node>[^"\s]*)"(?P<rest>[^\n]*)',
    "aws-alb": rb"(?:https?|h2|grpcs|wss?) " + _ISO + _UP_TO_NODE
    + rb'(?P<status>\d{3}|-) \S+ \d+ \d+ "' + REQUEST + rb'"(?P<rest>[^\n]*)',
    "aws-clb": _ISO + _UP_TO_NODE
    + rb'(?P<status>\d{3}|-) \S+ \d+ \d+ "' + REQUEST + rb'"(?P<rest>[^\n]*)',
    "common": _PREFIX + _HOST + rb'(?P<addr>[^\s",]+),? \S+ [^\[\n]+' + _TIME + rb' "' + REQUEST
    + rb'" ' + CUT + rb"(?P<status>\d{3})(?P<rest>[^\n]*)",
}  # fmt: skip
_ADDRESS: Final = rb"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:]{2,45}\]|unix|[a-z][\w.-]{1,60}):[\w/.-]{1,80}"
_LIST: Final = rb"(?P<node>%b(?:(?:, | : )%b){0,9})" % (_ADDRESS, _ADDRESS)
_KEYS: Final = rb"(?:upstream[a-z_]{0,12}|backend|worker|ServiceAddr|ServiceURL|served_by|node)"
# Behind a key a node may have any name.
_NAMED: Final = rb"(?P<node>[^\s\",=]+(?:(?:, | : )[^\s\",=]+){0,9})"
# What stands before the nodes of a request, and the nodes.
_NODES: Final = (
    (rb"\b" + _KEYS + rb'(?:=|"?:\s?)"?', rb"(?:https?://|ajp://|balancer://)?" + _NAMED),
    (rb'" "https?://', _LIST + rb'" \d{1,9}ms'),
    (rb"\s", _LIST + rb"(?:[\s\"]|$)"),
)


def usual(lines: Sequence[bytes], cookie: str = "") -> TextFormat | None:
    """The format that most of these lines fit; None if no known one fits."""
    sample = [line for line in lines[:_SAMPLE] if line.strip()]
    for name, regex in _LINES.items():
        found = _fitting(regex, sample)
        if found and len(found) >= FEWEST * len(sample):
            bare = regex.replace(_PREFIX, b"").replace(_HOST, b"")  # what no line has costs time on every line
            plain = _fitting(bare, sample)
            return _with_places(name, plain if len(plain) == len(found) else found, cookie)
    return None


def _fitting(regex: bytes, sample: Iterable[bytes]) -> list[re.Match[bytes]]:
    pattern = compiled(regex)
    return [match for line in sample if (match := pattern.match(line))]


def _with_places(name: str, found: Sequence[re.Match[bytes]], cookie: str) -> TextFormat:
    """Where the sample has sessions and nodes."""
    line = found[0].re
    rests = [match["rest"] for match in found]
    urls = [match["request"] for match in found] if "request" in line.groupindex else []
    known = cookie or commonest(rests) or commonest(urls)
    session = session_of(known) if known else None
    in_request = session is not None and not any(map(session.search, rests)) and any(map(session.search, urls))
    node = None if "node" in line.groupindex else _node(rests)
    return TextFormat(name, line, node, session, known, in_request)


def _node(rests: Sequence[bytes]) -> re.Pattern[bytes] | None:
    """The first way of naming a node that fits most of these."""
    for before, nodes in _NODES:
        pattern = re.compile(rb"(?P<key>" + before + rb")" + nodes)
        found = [match for rest in rests if (match := pattern.search(rest))]
        if len(found) >= FEWEST / 2 * len(rests):
            keys = {match["key"] for match in found}
            return re.compile(re.escape(keys.pop()) + nodes) if len(keys) == 1 else pattern
    return None
