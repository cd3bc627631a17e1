"""Connections that clients hold open, or make out of several requests: Socket.IO, SignalR, MCP, WebSocket, events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SocketClient = Literal["browser", "bare"]
"""`browser` opens the site first and sends its cookies; `bare` sends none, as scripts of another origin and native
clients do."""

ConnectionState = Literal["known", "lost", "error", "unknown"]


@dataclass(frozen=True, slots=True)
class SocketAnswer:
    """What a later request of a connection was told.

    Attributes:
        state: whether the node that took it knew the connection.
        status: of the response; 0 without one.
        node: that took it; empty if that is not known.
    """

    state: ConnectionState
    status: int
    node: str = ""


@dataclass(frozen=True, slots=True)
class SocketTry:
    """A connection that one client opened, and what its next requests were told.

    Attributes:
        client: what it sends besides the connection's id.
        opened: whether the server gave it a connection.
        has_id: the connection has an id, which the next requests carry; else each of them stands alone.
        status: of the response to the opening; 0 without one.
        node: that opened it; empty if that is not known.
        later: the next requests, in order.
        said: how the first of them that was lost was refused, in the server's words.
        trouble: why it could not be opened; empty otherwise.
    """

    client: SocketClient
    opened: bool
    has_id: bool = False
    status: int = 0
    node: str = ""
    later: tuple[SocketAnswer, ...] = ()
    said: str = ""
    trouble: str = ""

    @property
    def is_lost(self) -> bool:
        """Whether a node did not know the connection."""
        return any(answer.state == "lost" for answer in self.later)

    @property
    def refusal(self) -> str:
        """How the first node that did not know it refused; empty if all knew it."""
        status = next((answer.status for answer in self.later if answer.state == "lost"), 0)
        return f"status {status}" + (f", {self.said!r}" if self.said else "") if status else ""

    @property
    def known(self) -> int:
        """How many of its later requests met a node that knows it."""
        return sum(answer.state == "known" for answer in self.later)

    @property
    def is_telling(self) -> bool:
        """Whether a later request says anything of the connection."""
        return any(answer.state in {"known", "lost"} for answer in self.later)


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A WebSocket handshake (RFC 6455, section 4).

    Attributes:
        place: `site`, or the name of the node that was asked directly.
        status: 101 if the connection is a WebSocket now; 0 without a response.
        accepted: the server proved that it read the handshake.
        said: the first words of a refusal.
        trouble: why there was no response; empty otherwise.
    """

    place: str
    status: int
    accepted: bool = False
    said: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class SocketEnd:
    """How long an open connection lasted on which nothing was sent but answers to pings.

    Attributes:
        seconds: from its opening to its end, or to our own end of waiting.
        quiet_s: since the last bytes came.
        ended: the other side ended it.
        code: of the closing frame (RFC 6455, section 7.4); 1006 if there was none; 0 for a body of HTTP.
    """

    seconds: float
    quiet_s: float
    ended: bool
    code: int = 0


@dataclass(frozen=True, slots=True)
class Sockets:
    """What was seen at the declared endpoint.

    Attributes:
        kind: what is spoken there.
        tries: connections made of several requests; none of a plain WebSocket.
        upgrades: WebSocket handshakes through the site and on each node; none where the kind has no WebSocket.
        offers_upgrade: the server offered a WebSocket to those who began with polling.
        preflight: whether the OPTIONS requests that a browser sends before a script of another origin, with a
            connection's id and without cookies, met a node that knows it; None if they were not sent.
        ends: how long connections lasted, if `--allow interact` lets them be held.
    """

    kind: Literal["websocket", "socketio", "signalr", "sse", "mcp"]
    tries: tuple[SocketTry, ...] = ()
    upgrades: tuple[Upgrade, ...] = ()
    offers_upgrade: bool = False
    preflight: ConnectionState | None = None
    ends: tuple[SocketEnd, ...] = ()

    def connections(self, *clients: SocketClient) -> tuple[SocketTry, ...]:
        """Those of these clients that the server gave an id, and whose later requests tell something."""
        return tuple(one for one in self.tries if one.client in clients and one.has_id and one.is_telling)
