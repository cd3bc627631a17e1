"""What a memcached says instead of an answer, in words for the user; never in its own, which may repeat a key."""

from __future__ import annotations

from typing import Literal

from sessiondoctor.errors import Unavailable

Why = Literal["auth", "not-memcached", "full", "refused"]

_PROTOCOL_HINT = (
    "is this the address of the store? The binary protocol and SASL are not supported: the text protocol is"
)


class MemcachedTrouble(Unavailable):
    """A peer answers, but not what was asked: it refuses, or it is no memcached; `why` names which."""

    def __init__(self, reason: str, *, why: Why, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.why: Why = why


def is_error(line: bytes) -> bool:
    """Whether a line is an error of the text protocol (doc/protocol.txt, "Error strings")."""
    return line.startswith((b"ERROR", b"CLIENT_ERROR", b"SERVER_ERROR"))


def not_memcached(place: str) -> MemcachedTrouble:
    """What to raise for answers that no memcached gives."""
    return MemcachedTrouble(
        f"{place} does not speak the text protocol of memcached", why="not-memcached", hint=_PROTOCOL_HINT
    )


def hung_up(place: str) -> MemcachedTrouble:
    """What to raise where the connection is closed at the first command, as `-B binary` and `-S` do."""
    return MemcachedTrouble(
        f"{place} closed the connection at the first command of the text protocol",
        why="not-memcached",
        hint=_PROTOCOL_HINT,
    )


def refusal(place: str, line: bytes, command: str) -> MemcachedTrouble:
    """What to raise for an error line."""
    if line.startswith(b"CLIENT_ERROR unauth"):
        return MemcachedTrouble(
            f"{place} demands a login", why="auth", hint="a memcached that asks for a login is not supported"
        )
    if line.startswith(b"ERROR Too many open connections"):
        return MemcachedTrouble(f"{place} has no connection left: its limit is reached", why="full")
    if line == b"ERROR" or line.startswith(b"CLIENT_ERROR"):
        hint = "memcached 1.4.31 or later lists its items, 1.6 or later tells of one"
        return MemcachedTrouble(f"{place} does not know the command {command}", why="refused", hint=hint)
    return MemcachedTrouble(f"{place} does not carry out {command}", why="refused")
