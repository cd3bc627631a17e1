"""What a Redis says instead of an answer, in words for the user; never in its own, which may repeat a key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sessiondoctor.errors import Unavailable

Why = Literal["auth", "not-redis", "refused", "full", "busy", "forbidden"]


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error reply, reduced to its code: its text may repeat a key.

    Codes are the server's own (NOAUTH, OOM ...) and some of ours for what it calls ERR or NOPERM: MAXCLIENTS (no
    connection left), UNKNOWN (there is no such command), NOKEY (a key outside the ACL's patterns) and NOPASSWORD (a
    password where none is set).
    """

    code: str

    @property
    def forbids_command(self) -> bool:
        """Whether the command may not be used at all."""
        return self.code in {"NOPERM", "UNKNOWN"}


class RedisTrouble(Unavailable):
    """A peer answers, but not what was asked: it refuses, or it is no Redis; `why` names which."""

    def __init__(self, reason: str, *, why: Why, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.why: Why = why


def not_redis(place: str) -> RedisTrouble:
    """What to raise for replies that no Redis sends."""
    return RedisTrouble(
        f"{place} does not speak the Redis protocol",
        why="not-redis",
        hint="is this the address of the store? If it speaks TLS, write rediss:// instead of redis://",
    )


UNFIT = frozenset({"LOADING", "MASTERDOWN", "BUSY"})
"""Codes of a Redis that is alive and serves no keys just now."""

_CLUSTER: tuple[str, Why, str] = (
    "is part of a Redis Cluster", "refused", "declare the store as redis+cluster://host:port,host:port"
)  # fmt: skip
_WORDS: dict[str, tuple[str, Why, str]] = {
    "NOAUTH": ("demands a password", "auth", "add it to the store's url: redis://:${REDIS_PASSWORD}@host:port/0"),
    "WRONGPASS": ("does not accept this user and password", "auth", "correct them in the store's url"),
    "DENIED": ("is in protected mode and serves its own machine only", "auth", "give it a password, or run this there"),
    "NOKEY": ("does not let this user read these keys", "forbidden", "give the user the read right to these keys"),
    "MAXCLIENTS": ("has no connection left: its maxclients is reached", "full", ""),
    "LOADING": ("is still loading its data into memory", "busy", "ask again when it has finished"),
    "MASTERDOWN": ("is a replica that has lost its primary and answers no questions", "busy", ""),
    "BUSY": ("is busy with a script", "busy", "ask again when it has finished"),
    **dict.fromkeys(("MOVED", "ASK", "TRYAGAIN", "CROSSSLOT"), _CLUSTER),
    "CLUSTERDOWN": ("is part of a Redis Cluster that is down: it serves no keys", "busy", ""),
    "READONLY": ("is a read-only replica", "refused", "declare the address of its primary"),
}


def refusal(place: str, reply: Refusal, command: str) -> RedisTrouble:
    """What to raise for an error reply to a command."""
    if reply.forbids_command:
        right = command.lower().replace(" ", "|")
        hint = f"give its user the right to it: ACL SETUSER name +{right}"
        return RedisTrouble(f"{place} does not let this user run {command}", why="forbidden", hint=hint)
    words, why, hint = _WORDS.get(reply.code, (f"answers {command} with the error {reply.code}", "refused", ""))
    return RedisTrouble(f"{place} {words}", why=why, hint=hint)


# The beginnings of texts that have no code of their own; src/acl.c, src/networking.c and src/server.c of Redis 4 to 8.
_ERR = {
    "ERR max number of clients": "MAXCLIENTS",
    "ERR unknown command": "UNKNOWN",
    "ERR unknown subcommand": "UNKNOWN",
    "ERR AUTH <password> called without": "NOPASSWORD",
    "ERR Client sent AUTH, but no password": "NOPASSWORD",
    "ERR invalid password": "WRONGPASS",
}


def read_refusal(text: str) -> Refusal:
    """The code of an error reply, from its text."""
    known = next((code for start, code in _ERR.items() if text.lower().startswith(start.lower())), "")
    code = known or text.partition(" ")[0]
    if code == "NOPERM" and " access " in text:
        code = "NOKEY"
    return Refusal(code if re.fullmatch(r"[A-Z]{2,20}", code) else "ERR")
