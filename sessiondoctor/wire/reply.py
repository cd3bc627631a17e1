"""Reads one response, bounded at every point. Imported late: h11 costs 8 ms, while the answer is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import h11

from sessiondoctor.errors import Unreachable
from sessiondoctor.wire.message import Headers

if TYPE_CHECKING:
    from sessiondoctor.errors import Trouble
    from sessiondoctor.wire.channel import Channel
    from sessiondoctor.wire.message import Limits

_SWITCHING_PROTOCOLS = 101
_TLS_ALERT = b"\x15\x03"  # record type alert, any version: RFC 8446 section 5.1
_TOO_LONG = 431  # the hint that h11 gives when its buffer is full
# How h11's messages begin, and what we say; the rest of its text quotes what the server sent.
_FAULTS = {
    "illegal status line": "its status line is not HTTP/1",
    "illegal header line": "a header line is not valid HTTP",
    "conflicting Content-Length": "it states two lengths of its body",
    "bad Content-Length": "the length of its body is not a number",
    "illegal chunk header": "its chunked encoding is broken",
    "malformed chunk footer": "its chunked encoding is broken",
    "multiple Transfer-Encoding": "it states two transfer encodings",
    "Only Transfer-Encoding": "its transfer encoding is unknown",
}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Reply:
    """What one response said; `reusable` tells whether the connection may serve another request."""

    status: int
    headers: Headers
    http_version: str
    answered_at: float
    body: bytes
    truncated: bool
    reusable: bool


async def read_reply(channel: Channel, place: str, method: str, limits: Limits) -> Reply:
    """Read the final response to a request that was written to the channel.

    Raises:
        Unreachable: closed, malformed, too-large or tls; the text begins with `place`.
        OSError: the connection broke.
    """
    events = _Events(channel, place, method, limits)
    head = await events.head()
    answered_at = channel.arrived_at
    body = b"" if head.status_code == _SWITCHING_PROTOCOLS else await events.body()
    return Reply(
        status=head.status_code,
        headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers.raw_items()),
        http_version=head.http_version.decode("ascii"),
        answered_at=answered_at,
        body=body[: limits.body_bytes],
        truncated=len(body) > limits.body_bytes,
        reusable=events.finished and channel.idle,
    )


@cache
def _shadow(method: str) -> h11.Request:
    """Build the request that h11 must believe it sent: only HEAD and an offered upgrade change how it reads."""
    return h11.Request(method=method, target="/", headers=[("host", "shadow"), ("upgrade", "any")])


class _Events:
    """h11 fed from a channel, with counted heads."""

    def __init__(self, channel: Channel, place: str, method: str, limits: Limits) -> None:
        self._channel = channel
        self._place = place
        self._limits = limits
        self._opening = b""
        self._fed = 0
        self._ended = False
        self._parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=limits.header_bytes)
        self._parser.send(_shadow("HEAD" if method == "HEAD" else "GET"))
        self._parser.send(h11.EndOfMessage())

    @property
    def finished(self) -> bool:
        """Whether the response ended by its own framing, with nothing after it, and without `close`."""
        parser = self._parser
        return parser.our_state is h11.DONE and parser.their_state is h11.DONE and not parser.trailing_data[0]

    async def head(self) -> h11.Response | h11.InformationalResponse:
        """Return the final head; interim responses count towards its size."""
        while True:
            event = await self._next()
            assert isinstance(event, h11.Response | h11.InformationalResponse)
            self._count(event)
            if isinstance(event, h11.Response) or event.status_code == _SWITCHING_PROTOCOLS:
                return event

    async def body(self) -> bytes:
        """Return the body, or a little more than its limit."""
        body = bytearray()
        while len(body) <= self._limits.body_bytes:
            event = await self._next()
            if isinstance(event, h11.EndOfMessage):
                break
            assert isinstance(event, h11.Data)
            body += event.data
        return bytes(body)

    async def _next(self) -> h11.Event:
        while True:
            event = self._parse()
            if event is not h11.NEED_DATA:
                assert not isinstance(event, type), "h11 pauses only after the end of a response"
                return event
            self._feed(await self._channel.read())

    def _feed(self, piece: bytes) -> None:
        if not (piece or self._fed):
            raise Unreachable(f"{self._place}: closed the connection without an answer", trouble="closed")
        self._opening = self._opening or piece[:5]
        self._ended = not piece
        self._fed += len(piece)
        self._parser.receive_data(piece)

    def _parse(self) -> h11.Event | type[h11.NEED_DATA | h11.PAUSED]:
        try:
            return self._parser.next_event()
        except h11.RemoteProtocolError as error:
            problem = self._explain(error)
        # Outside of the handler, so that h11's text, which quotes the server, is not attached.
        raise problem

    def _explain(self, error: h11.RemoteProtocolError) -> Unreachable:
        if self._opening.startswith(_TLS_ALERT):
            return self._problem("it answers in TLS", "malformed", hint="try https:// instead of http://")
        if not b"HTTP/".startswith(self._opening):
            return self._problem("it does not answer in HTTP/1", "malformed")
        if error.error_status_hint == _TOO_LONG:
            return self._problem(f"headers or chunk lines over {self._limits.header_bytes} bytes", "too-large")
        if self._ended:
            return self._problem("closed the connection in the middle of its response", "closed")
        fault = next((fault for start, fault in _FAULTS.items() if str(error).startswith(start)), "")
        return self._problem(fault or "it does not answer in HTTP/1", "malformed")

    def _count(self, head: h11.Response | h11.InformationalResponse) -> None:
        limits = self._limits
        if self._fed - len(self._parser.trailing_data[0]) > limits.header_bytes:
            raise self._problem(f"headers over {limits.header_bytes} bytes", "too-large")
        if len(head.headers) > limits.header_count:
            raise self._problem(f"more than {limits.header_count} header lines", "too-large")

    def _problem(self, text: str, trouble: Trouble, *, hint: str = "") -> Unreachable:
        return Unreachable(f"{self._place}: {text}", trouble=trouble, hint=hint)
