"""The handshake of a WebSocket (RFC 6455, section 4), and connections that are held until somebody ends them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sessiondoctor.evidence.sockets.sockets import SocketEnd
from sessiondoctor.wire.message import Headers, Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.topology.steps import SocketKind
    from sessiondoctor.wire.exchange import Held
    from sessiondoctor.wire.message import Response

SWITCHED = 101
_NO_CLOSE = 1006  # RFC 6455, section 7.4.1: reserved for a connection that ended without a closing frame
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3

QUERIES: Final[Mapping[SocketKind, str]] = {"websocket": "", "signalr": "", "socketio": "?EIO=4&transport=websocket"}
"""The kinds that have a WebSocket, and what its URL ends with."""

_HELLOS: Final[Mapping[SocketKind, str]] = {"socketio": "40", "signalr": '{"protocol":"json","version":1}\x1e'}
_PINGS: Final[Mapping[SocketKind, tuple[str, str]]] = {"socketio": ("2", "3")}  # of the protocol above, and the answer


@dataclass(frozen=True, slots=True)
class Handshake:
    """One handshake: its request, and whether a response accepts it."""

    url: str
    origin: str
    headers: Headers = ()
    key: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(16)).decode())

    @property
    def request(self) -> Request:
        """What is sent."""
        own = (
            ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", self.key), ("Origin", self.origin),
        )  # fmt: skip
        return Request(self.url, headers=(*own, *self.headers))

    def is_accepted(self, response: Response) -> bool:
        """Whether the server proves that it read the key (section 4.2.2)."""
        wanted = base64.b64encode(hashlib.sha1(f"{self.key}{_GUID}".encode(), usedforsecurity=False).digest()).decode()
        return response.status == SWITCHED and response.header("sec-websocket-accept").strip() == wanted


async def last(held: Held, kind: SocketKind, seconds: float) -> SocketEnd:
    """Hold a connection, answering pings and sending nothing else, until it ends or these seconds have passed."""
    clock = asyncio.get_running_loop().time
    began = heard = clock()
    speaker = _Frames(kind) if held.response.status == SWITCHED else None
    try:
        async with asyncio.timeout(seconds):
            if speaker:
                await held.write(speaker.hello())
            while data := await held.read():
                heard = clock()
                if speaker and (answer := speaker.hear(data)):
                    await held.write(answer)
                if speaker and speaker.closed:
                    break
    except TimeoutError:
        return SocketEnd(clock() - began, clock() - heard, ended=False)
    code = (speaker.closed or _NO_CLOSE) if speaker else 0
    return SocketEnd(clock() - began, clock() - heard, ended=True, code=code)


class _Frames:
    """The client's side of an open WebSocket that has nothing to say.

    Attributes:
        closed: the code of the closing frame; 0 while there is none.
    """

    def __init__(self, kind: SocketKind) -> None:
        from wsproto.connection import Connection, ConnectionType

        self.closed = 0
        self._kind = kind
        self._ping, self._pong = _PINGS.get(kind, ("", ""))
        self._frames = Connection(ConnectionType.CLIENT)

    def hello(self) -> bytes:
        """What the protocol above wants to hear first, lest it ends the connection itself."""
        hello = _HELLOS.get(self._kind)
        return self._text(hello) if hello else b""

    def hear(self, data: bytes) -> bytes:
        """What to answer; a frame that is none ends the connection with code 1002."""
        from wsproto.events import CloseConnection, Ping, TextMessage

        out = b""
        self._frames.receive_data(data)
        for event in self._frames.events():
            match event:
                case CloseConnection():
                    self.closed = event.code or _NO_CLOSE
                case Ping():
                    out += self._frames.send(event.response())
                case TextMessage(data=said) if said and said == self._ping:
                    out += self._text(self._pong)
        return out

    def _text(self, text: str) -> bytes:
        from wsproto.events import TextMessage

        return self._frames.send(TextMessage(data=text))
