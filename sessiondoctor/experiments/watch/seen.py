"""What one round saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from sessiondoctor.experiments.idle.visitors import Visitor
from sessiondoctor.model import ClockKind

Kind = Literal[
    "deployed", "node-down", "node-up", "node-appeared", "node-left", "balancer", "store-restarted", "store-emptied",
    "store-changed", "evicted", "clock-stepped", "session-lost", "session-ended", "session-moved", "cookie",
    "certificate", "cause-new", "cause-worse", "cause-gone", "check-fails", "check-passes", "could-not-look",
    "looked-again", "here",
]  # fmt: skip
"""What can happen; also the word that a line of the log begins with."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was in the round before.

    Attributes:
        subject: name of the node, store, balancer, cookie, cause or check.
        text: a sentence with a subject and a verb.
        at: unix seconds.
    """

    kind: Kind
    subject: str
    text: str
    at: float


@dataclass(frozen=True, slots=True)
class NodeSeen:
    """One node.

    Attributes:
        up: whether it answered without a server error; None if nobody asked, or that cannot be told.
        traits: what tells one build from another, by name.
        certificate_ends: unix seconds.
    """

    name: str
    up: bool | None = None
    trouble: str = ""
    traits: Mapping[str, str] = field(default_factory=dict)
    certificate_ends: float | None = None


@dataclass(frozen=True, slots=True)
class StoreSeen:
    """One store's own counters, at a moment in unix seconds; None where it does not count."""

    name: str
    uptime_s: float
    keys: int
    evicted: int
    at: float = 0.0
    hits: int | None = None
    misses: int | None = None
    flushes: int = 0
    used_bytes: int | None = None
    limit_bytes: int | None = None
    role: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class ServerSeen:
    """One server as a balancer speaks of it."""

    balancer: str
    name: str
    status: str
    went_down: int


@dataclass(frozen=True, slots=True)
class ClockSeen:
    """A clock less the reference: the truth lies within +-`uncertainty_s` of `offset_s`."""

    subject: str
    kind: ClockKind
    offset_s: float
    uncertainty_s: float


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """A session of ours that was read in this round.

    Attributes:
        visitor: as it is from now on.
        before: the node that it was bound to.
        node: who answered; empty if unknown.
        here: whether its state was there; None: cannot be told.
        at_home: it was not there, but its own node, asked past the balancer, still has it.
    """

    visitor: Visitor = field(repr=False)
    before: str
    node: str
    here: bool | None
    at_home: bool
    asked_at: float


@dataclass(frozen=True, slots=True)
class Seen:
    """A round without its whole scan.

    Attributes:
        at: unix seconds of its beginning.
        here_jumped_s: by how much this machine's clock was set since the round before.
        born: sessions that were made; `most`: how many are kept.
        lifetimes: session and other cookies that have an end: seconds from when they were set.
        reference: the clock that all clocks are compared with.
        certificate_ends: that of the public entry, unix seconds.
        troubles: why something could not be looked at, by its name.
    """

    at: float
    here_jumped_s: float = 0.0
    nodes: tuple[NodeSeen, ...] = ()
    stores: tuple[StoreSeen, ...] = ()
    servers: tuple[ServerSeen, ...] = ()
    clocks: tuple[ClockSeen, ...] = ()
    sessions: tuple[SessionSeen, ...] = ()
    born: tuple[Visitor, ...] = field(default=(), repr=False)
    most: int = 0
    lifetimes: Mapping[str, float] = field(default_factory=dict)
    reference: str = ""
    certificate_ends: float | None = None
    troubles: Mapping[str, str] = field(default_factory=dict)
