"""How connections are opened, used and closed: Socket.IO, SignalR, MCP.

Sources: Engine.IO protocol, revisions 3 and 4 (github.com/socketio/engine.io-protocol; error codes in engine.io's
`server.ts`); SignalR's transport protocols (github.com/dotnet/aspnetcore, `TransportProtocols.md`); Model Context
Protocol 2025-03-26, "Streamable HTTP". Each sends as little as makes a connection, and closes it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote

from sessiondoctor import __version__
from sessiondoctor.probes.browser.json_page import at, entries, parse_json, words
from sessiondoctor.wire.message import Request

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.evidence.sockets.sockets import ConnectionState
    from sessiondoctor.topology.steps import SocketKind
    from sessiondoctor.wire.message import Headers, Response

_TEXT: Headers = (("Content-Type", "text/plain;charset=UTF-8"),)
_SIGNALR_HELLO = b'{"protocol":"json","version":1}\x1e'
_MCP_VERSION = "2025-03-26"
_MCP_HEADERS: Headers = (("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"))
_MCP_ID = "Mcp-Session-Id"
_SID = re.compile(r'"sid":"([^"\\]{1,200})"')
_OLD_FRAME = re.compile(r"\d+:0\{")  # revision 3 writes each packet's length before it
# What a node says that does not know the id of a connection.
_UNKNOWN = re.compile(
    r"(?i)session id unknown|invalid session|unknown session|no connection with that id|session not found"
)
_GONE = frozenset({404, 410})


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection that the server gave.

    Attributes:
        id: what the next requests carry; empty if each stands alone. A secret.
        offers_upgrade: the server offers a WebSocket.
        old: Engine.IO's revision 3.
    """

    id: str = field(default="", repr=False)
    offers_upgrade: bool = False
    old: bool = False


class Talk(Protocol):
    """How one kind of connection is made of several requests."""

    def opening(self, url: str) -> Request:
        """Asks for a connection."""

    def opened(self, response: Response) -> Opened | None:
        """The connection; None if the server gave none."""

    def later(self, url: str, opened: Opened) -> tuple[Request, ...]:
        """Further requests of the connection, each of which only a node that knows it can answer."""

    def closing(self, url: str, opened: Opened) -> Request | None:
        """Ends it; None where the last of the later requests does."""

    def knows(self, response: Response) -> ConnectionState:
        """Whether the node that answered a later request knew the connection."""


@dataclass(frozen=True, slots=True)
class SocketIo:
    """Engine.IO by long polling, which Socket.IO begins with."""

    def opening(self, url: str) -> Request:
        """The handshake."""
        return Request(_polling(url))

    def opened(self, response: Response) -> Opened | None:
        """The packet `0{"sid":...}`."""
        found = _SID.search(response.text[:2000])
        if response.status != 200 or not found:
            return None
        offers = '"upgrades":["websocket"' in response.text[:2000]
        return Opened(found[1], offers, old=bool(_OLD_FRAME.match(response.text)))

    def later(self, url: str, opened: Opened) -> tuple[Request, ...]:
        """Joins the main namespace, takes the answer, says goodbye."""
        polled = _polling(url, opened.id)
        join, leave = (b"2:40", b"1:1") if opened.old else (b"40", b"1")
        return Request(polled, "POST", _TEXT, join), Request(polled), Request(polled, "POST", _TEXT, leave)

    def closing(self, url: str, opened: Opened) -> Request | None:  # noqa: ARG002 - as all kinds
        """The goodbye was said."""
        return None

    def knows(self, response: Response) -> ConnectionState:
        """Code 1 is UNKNOWN_SID; other kinds of refusal are no answer to the question."""
        if response.status < 400:
            return "known"
        code = at(parse_json(response.text[:2000]), "code")
        lost = code == 1 or (code is None and _UNKNOWN.search(response.text[:2000]))
        return "lost" if lost else "error"

    def preflight(self, url: str, opened: Opened, origin: str) -> Request:
        """What a browser asks before a script of another origin may send."""
        return Request(
            _polling(url, opened.id),
            "OPTIONS",
            (
                ("Origin", origin),
                ("Access-Control-Request-Method", "POST"),
                ("Access-Control-Request-Headers", "content-type"),
            ),
        )


@dataclass(frozen=True, slots=True)
class SignalR:
    """ASP.NET Core SignalR by long polling."""

    def opening(self, url: str) -> Request:
        """Negotiates."""
        return Request(f"{url.rstrip('/')}/negotiate?negotiateVersion=1", "POST", _TEXT)

    def opened(self, response: Response) -> Opened | None:
        """The token of a connection; none where clients are sent to a service that holds them."""
        said = parse_json(response.text) if response.status == 200 else None
        token = words(at(said, "connectionToken")) or words(at(said, "connectionId"))
        transports = [words(at(entry, "transport")) for entry in entries(at(said, "availableTransports"))]
        return Opened(token, "WebSockets" in transports) if token else None

    def later(self, url: str, opened: Opened) -> tuple[Request, ...]:
        """The first poll, which returns at once, and the handshake of the protocol above it."""
        with_id = f"{url}?id={quote(opened.id, safe='')}"
        return Request(with_id), Request(with_id, "POST", _TEXT, _SIGNALR_HELLO)

    def closing(self, url: str, opened: Opened) -> Request | None:
        """Ends the connection."""
        return Request(f"{url}?id={quote(opened.id, safe='')}", "DELETE")

    def knows(self, response: Response) -> ConnectionState:
        """404 `No Connection with that ID`."""
        return _by_status(response)


@dataclass(frozen=True, slots=True)
class Mcp:
    """MCP over streamable HTTP: the session's id travels in a header."""

    def opening(self, url: str) -> Request:
        """Initializes."""
        about = {"protocolVersion": _MCP_VERSION, "capabilities": {}, "clientInfo": _CLIENT}
        return _call(url, {"id": 1, "method": "initialize", "params": about})

    def opened(self, response: Response) -> Opened | None:
        """The session; its id is empty where the server keeps none."""
        if response.status != 200 or '"jsonrpc"' not in response.text:
            return None
        return Opened(response.header(_MCP_ID).strip()[:1024])

    def later(self, url: str, opened: Opened) -> tuple[Request, ...]:
        """Says that it is ready, and asks twice whether the server is there."""
        headers = ((_MCP_ID, opened.id),) if opened.id else ()
        pings = (_call(url, {"id": number, "method": "ping"}, headers) for number in (2, 3))
        return _call(url, {"method": "notifications/initialized"}, headers), *pings

    def closing(self, url: str, opened: Opened) -> Request | None:
        """Ends the session, where there is one."""
        return Request(url, "DELETE", ((_MCP_ID, opened.id), *_MCP_HEADERS)) if opened.id else None

    def knows(self, response: Response) -> ConnectionState:
        """404 for a session that is not known; some servers say 400."""
        return _by_status(response)


TALKS: Final[Mapping[SocketKind, Talk]] = {"socketio": SocketIo(), "signalr": SignalR(), "mcp": Mcp()}
"""The kinds whose connections are made of several requests."""

_CLIENT: Final = {"name": "sessiondoctor", "version": __version__}


def _polling(url: str, sid: str = "") -> str:
    more = f"&sid={quote(sid, safe='')}" if sid else ""
    return f"{url}?EIO=4&transport=polling{more}"


def _call(url: str, message: Mapping[str, Any], headers: Headers = ()) -> Request:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return Request(url, "POST", (*_MCP_HEADERS, *headers), body)


def _by_status(response: Response) -> ConnectionState:
    if response.status < 400:
        return "known"
    unknown = response.status in _GONE or _UNKNOWN.search(response.text[:2000])
    session = response.status == 400 and "session" in response.text[:2000].lower()
    return "lost" if unknown or session else "error"
