"""How the nodes spread their sessions over the servers of a memcached ring."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["same", "elsewhere", "new", "unseen"]


@dataclass(frozen=True, slots=True)
class RingTry:
    """One session, written on one node and then, with the same cookie, on another.

    Attributes:
        held_by: servers that have its key after the first write.
        outcome: `same`: the second write went to one of them; `elsewhere`: to another server; `new`: the second node
            did not know the session and began one under another id; `unseen`: no write was seen.
        written_to: servers that the second write went to.
    """

    made_on: str
    written_on: str
    session: str
    held_by: tuple[str, ...]
    outcome: Outcome
    written_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ring:
    """One memcached store of several servers. `why_not` says why nothing could be seen."""

    store: str
    servers: tuple[str, ...]
    tries: tuple[RingTry, ...] = ()
    why_not: str = ""
