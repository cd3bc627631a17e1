"""Evidence of connections that clients hold open or make out of several requests."""

from __future__ import annotations

from typing import Any

from sessiondoctor.evidence.sockets.sockets import SocketAnswer, SocketEnd, Sockets, SocketTry, Upgrade

STATES = {"k": "known", "l": "lost", "e": "error", "?": "unknown"}
UNKNOWN = '{"code":1,"message":"Session ID unknown"}'


def tried(later: str = "kkk", *, bare: bool = False, **changes: Any) -> SocketTry:
    """A connection whose later requests were told so."""
    answers: Any = tuple(SocketAnswer(STATES[mark], 400 if mark == "l" else 200) for mark in later)  # type: ignore[arg-type]
    settings: dict[str, Any] = {"opened": True, "has_id": True, "status": 200, "later": answers}
    return SocketTry("bare" if bare else "browser", **(settings | {"said": UNKNOWN if "l" in later else ""} | changes))


def sockets(*tries: SocketTry, kind: Any = "socketio", **changes: Any) -> Sockets:
    """What was seen at an endpoint."""
    return Sockets(kind, tries, **changes)


def upgrades(*seen: Upgrade, kind: Any = "websocket", **changes: Any) -> Sockets:
    """What handshakes came to."""
    return Sockets(kind, upgrades=seen, **changes)


def ends(*seen: SocketEnd) -> Sockets:
    """How long idle connections lasted."""
    return Sockets("websocket", ends=seen)


CLOSED = tried("", opened=False, has_id=False, status=404, trouble="it answered 404 to the opening")
