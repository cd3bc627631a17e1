"""What parallel requests of one session do to each other: do all their updates count, and do they wait?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["site", "node", "nodes"]
"""Through the public entry, all to one node, or to the nodes in turn."""


@dataclass(frozen=True, slots=True)
class Burst:
    """A counter in a session of ours: incremented one request after the other first, then by requests at once.

    Attributes:
        way: where the requests went.
        nodes: names of the nodes asked directly; none through the public entry.
        alone: increments that were answered one after the other.
        alone_counted: how many of these the counter shows; fewer, and the session or its reads are at fault.
        parallel: increments that were answered of those at once.
        counted: how many of these the counter showed right after; None if it was not readable.
        counted_later: likewise after a pause, in which replicas catch up; None if it was not readable.
        trouble: why there were no requests at once, or no count of them; empty otherwise.
    """

    way: Scope
    nodes: tuple[str, ...] = ()
    alone: int = 0
    alone_counted: int = 0
    parallel: int = 0
    counted: int | None = None
    counted_later: int | None = None
    trouble: str = ""

    @property
    def steady(self) -> bool:
        """Whether the counter can be relied on as long as nobody hurries."""
        return self.alone > 0 and self.alone_counted == self.alone

    @property
    def lost(self) -> int | None:
        """Updates that never showed; None if that cannot be told, as where the whole session was lost."""
        counts = [count for count in (self.counted, self.counted_later) if count is not None]
        if not self.steady or not counts or max(counts) < 0:
            return None
        return max(0, self.parallel - max(counts))


@dataclass(frozen=True, slots=True)
class Queue:
    """How long requests at once took together, in seconds: those of one session, and as many of sessions of their own.

    Attributes:
        at: `site`, or the name of the node that was asked.
        requests: how many at once.
        alone_s: one request by itself; the shortest time.
        one_session_s: until the last of those of one session was answered; the shorter of two times.
        own_sessions_s: until the last of those of sessions of their own was answered; likewise.
    """

    at: str
    requests: int
    alone_s: float
    one_session_s: float
    own_sessions_s: float


@dataclass(frozen=True, slots=True)
class Updates:
    """All bursts, and whether requests of one session queue; `queue` is None if that could not be compared."""

    bursts: tuple[Burst, ...]
    queue: Queue | None = None
