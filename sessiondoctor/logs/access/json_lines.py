"""Access logs as JSON, an object a line: Traefik, Caddy, Envoy's and nginx's JSON formats with keys of one's own.

Keys are recognised by their names, wherever in the object: https://doc.traefik.io/traefik/observability/access-logs/,
https://caddyserver.com/docs/logging, variables of nginx, operators of Envoy, names of the Elastic Common Schema.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sessiondoctor.logs.access.sessions import commonest, session_of
from sessiondoctor.logs.access.text import TextFormat
from sessiondoctor.logs.access.usual import FEWEST, usual

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessiondoctor.logs.access.request import Request

_SAMPLE: Final = 200
_STATUS: Final = 3  # digits
_DEEPEST: Final = 4
_PLAIN: Final = re.compile(r"[^a-z0-9]")
# Names without what is no letter or digit, the surest first; a name may be that of the key, or of it and the one above.
_KEYS: Final = {
    "status": (
        "downstreamstatus", "responsecode", "httpresponsestatuscode", "statuscode", "httpstatus", "scstatus", "status",
        "code",
    ),
    "node": (
        "upstreamaddr", "upstreamhost", "upstreamaddress", "upstream", "serviceaddr", "serviceurl", "backendaddr",
        "backendserver", "backend", "targetaddr", "target", "servedby", "xservedby", "node", "upstreamhttpxservedby",
    ),
    "addr": (
        "clienthost", "clientip", "remoteip", "remoteaddr", "sourceip", "clientaddr", "downstreamremoteaddress",
        "sourceaddress", "clientaddress", "client", "xforwardedfor", "httpxforwardedfor", "ip",
    ),
    "time": (
        "startutc", "starttime", "timeiso8601", "timelocal", "timestamp", "time", "ts", "msec", "startlocal", "date",
        "datetime",
    ),
    "path": ("requestpath", "requesturi", "uri", "path", "urlpath", "urloriginal", "url", "request", "requestline"),
}  # fmt: skip
_INNER: Final = ("log", "message", "MESSAGE")
_ADDRESS: Final = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|(\d+(?:\.\d+){3})):\d{1,5}$")
_HEAD: Final = re.compile(r'(?:[A-Z]{1,20} )?(?:[a-z]{2,5}://[^/\s"]{1,300})?(/[^/?\s";]{0,200})')
_SCHEME: Final = re.compile(r"^[a-z]{2,10}://")

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JsonLines:
    """Where the objects have what is asked for; `session` searches the whole line."""

    name: str
    places: dict[str, Place]
    session: re.Pattern[bytes] | None = None
    cookie: str = ""

    @property
    def names_nodes(self) -> bool:
        """Whether lines say which node answered."""
        return "node" in self.places

    @property
    def names_sessions(self) -> bool:
        """Whether lines say of which session a request was."""
        return self.session is not None

    def requests(self, block: bytes) -> Iterator[Request]:
        """Those of whole lines; what is no object with a status is passed over."""
        for line in block.splitlines():
            told = _object(line)
            status = _text(told, self.places["status"]) if told else ""
            if told and status[:3].isdigit():
                found = self.session.search(line) if self.session else None
                yield (
                    found["session"] if found else b"",
                    self._node(told),
                    self._address(told),
                    _text(told, self.places.get("time")).encode(),
                    self._path(told),
                    status[:3].encode(),
                )

    def _node(self, told: dict[str, Any]) -> bytes:
        return _SCHEME.sub("", _text(told, self.places.get("node"))).rstrip("/").encode("utf-8", "replace")

    def _address(self, told: dict[str, Any]) -> bytes:
        text = _text(told, self.places.get("addr")).partition(",")[0]
        found = _ADDRESS.match(text)
        return ((found[1] or found[2]) if found else text).encode("utf-8", "replace")

    def _path(self, told: dict[str, Any]) -> bytes:
        found = _HEAD.match(_text(told, self.places.get("path")))
        return found[1].encode("utf-8", "replace") if found else b""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """Lines of another format as a text within objects: docker's json-file, journald, shippers of logs."""

    inner: TextFormat | JsonLines
    key: str
    name: str = field(init=False)
    cookie: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.inner.name)
        object.__setattr__(self, "cookie", self.inner.cookie)

    @property
    def names_nodes(self) -> bool:
        """Whether lines say which node answered."""
        return self.inner.names_nodes

    @property
    def names_sessions(self) -> bool:
        """Whether lines say of which session a request was."""
        return self.inner.names_sessions

    def requests(self, block: bytes) -> Iterator[Request]:
        """Those of the lines within."""
        return self.inner.requests(b"\n".join(_within(block.splitlines(), self.key)))


def json_lines(lines: Sequence[bytes], cookie: str = "") -> JsonLines | Wrapped | None:
    """The format of a log of objects; None if it is no such log, or its objects have no status."""
    sample = [line for line in lines if line.strip()][:_SAMPLE]
    objects = [(line, told) for line in sample if (told := _object(line))]
    if not objects or len(objects) < FEWEST * len(sample):
        return None
    for key in _INNER:
        within = _within(sample, key)
        if len(within) >= FEWEST * len(objects) and (inner := json_lines(within, cookie) or usual(within, cookie)):
            return Wrapped(inner, key) if not isinstance(inner, Wrapped) else None
    places = _places(told for _, told in objects)
    statuses = [_text(told, places.get("status")) for _, told in objects]
    if sum(text[:3].isdigit() and len(text) == _STATUS for text in statuses) < FEWEST * len(objects):
        return None
    known = cookie or commonest(line for line, _ in objects)
    return JsonLines("json", places, session_of(known) if known else None, known)


def _within(lines: Iterable[bytes], key: str) -> list[bytes]:
    texts = (told[key] for line in lines if (told := _object(line)) and isinstance(told.get(key), str))
    return [text.rstrip("\n").encode("utf-8", "replace") for text in texts]


def _object(line: bytes) -> dict[str, Any] | None:
    begin = line.find(b"{", 0, 200)  # behind the prefix of a container
    if begin < 0:
        return None
    try:
        found = json.loads(line[begin:])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _places(objects: Iterable[dict[str, Any]]) -> dict[str, Place]:
    """For each thing asked for the place with the surest name."""
    there: dict[str, Place] = {}
    for told in objects:
        for place in _leaves(told):
            for length in (1, 2):
                there.setdefault(_PLAIN.sub("", "".join(place[-length:]).lower()), place)
    found = {role: [there[name] for name in names if name in there] for role, names in _KEYS.items()}
    return {role: places[0] for role, places in found.items() if places}


def _leaves(told: dict[str, Any], above: Place = ()) -> Iterator[Place]:
    for key, value in told.items():
        if isinstance(value, dict) and len(above) < _DEEPEST:
            yield from _leaves(value, (*above, key))
        elif isinstance(value, str | int | float) or (isinstance(value, list) and value and isinstance(value[0], str)):
            yield (*above, key)


def _text(told: Any, place: Place | None) -> str:
    if place is None:
        return ""
    for key in place:
        told = told.get(key) if isinstance(told, dict) else None
    if isinstance(told, list):  # a header's values
        told = told[0] if told else None
    return "" if told is None else str(told)
