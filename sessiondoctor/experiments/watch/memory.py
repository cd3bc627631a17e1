"""What is kept between rounds: bounded, whatever a site does, and all that the state file holds."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sessiondoctor.experiments.idle.visitors import Visitor
from sessiondoctor.experiments.watch.seen import Change, StoreSeen

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_NODES: Final = 50
MOST_RECENT: Final = 60
MOST_FAILING: Final = 300
MOST_COOKIES: Final = 20
MOST_TRAITS: Final = 12
OTHER: Final = "other"
"""What nodes are called in metrics once there were more than `MOST_NODES`."""


@dataclass(slots=True)
class Trait:
    """Something that tells one build from another, and in how many rounds it was seen like that."""

    value: str
    times: int = 1


@dataclass(slots=True)
class NodeKnown:
    """A node.

    Attributes:
        up: as in the last round in which that was known.
        seen: in how many rounds it answered; `missed`: in how many it did not, since.
    """

    up: bool | None = None
    seen: int = 0
    missed: int = 0
    traits: dict[str, Trait] = field(default_factory=dict)
    certificate_ends: float | None = None


@dataclass(slots=True)
class ClockKnown:
    """Between which offsets a clock was at a moment, by all that was read until then."""

    low_s: float
    high_s: float
    at: float


@dataclass(slots=True)
class Evicting:
    """How many keys a store had given up before it began, and in how many rounds it has given up none since."""

    before: int
    quiet: int = 0


@dataclass(slots=True)
class ServerKnown:
    """A server of a balancer."""

    status: str
    went_down: int


@dataclass(slots=True)
class CauseKnown:
    """A cause that the last scan stated."""

    title: str
    severity: str
    probability: float
    where: list[str]
    counts: bool = False


@dataclass(slots=True)
class FailingKnown:
    """A check that fails; `passed` counts the scans in which it did not, since."""

    check: str
    subject: str
    text: str
    passed: int = 0


@dataclass(slots=True)
class Kept:
    """A session of ours that is read in each round; `read_at`: when its state was last there."""

    visitor: Visitor = field(repr=False)
    read_at: float = 0.0


@dataclass(slots=True)
class Memory:
    """Everything.

    Attributes:
        target: what is watched.
        rounds: how many there were.
        counts: totals of metrics by `key_of`.
        recent: changes that explain losses, newest last.
        unseen: why something could not be looked at in the last round, by its name.
        unclear: why the last whole scan could not tell; empty if it could.
        scanned_at: unix seconds of the last whole scan; 0 if there was none.
        due: something happened that only a whole scan can explain.
        moving: sessions were led to other nodes in the last round.
        evicting: stores that gave up keys lately.
    """

    target: str
    rounds: int = 0
    last_at: float = 0.0
    ok_at: float = 0.0
    took_s: float = 0.0
    scanned_at: float = 0.0
    scan_took_s: float = 0.0
    due: bool = True
    moving: bool = False
    evicting: dict[str, Evicting] = field(default_factory=dict)
    reference: str = ""
    nodes: dict[str, NodeKnown] = field(default_factory=dict)
    stores: dict[str, StoreSeen] = field(default_factory=dict)
    servers: dict[str, ServerKnown] = field(default_factory=dict)
    clocks: dict[str, ClockKnown] = field(default_factory=dict)
    lifetimes: dict[str, float] = field(default_factory=dict)
    causes: dict[str, CauseKnown] = field(default_factory=dict)
    failing: dict[str, FailingKnown] = field(default_factory=dict)
    sessions: list[Kept] = field(default_factory=list)
    recent: list[Change] = field(default_factory=list)
    unseen: dict[str, str] = field(default_factory=dict)
    unclear: str = ""
    counts: dict[str, float] = field(default_factory=dict)
    certificate_ends: float | None = None

    def count(self, metric: str, *labels: str, by: float = 1.0) -> None:
        """Add to a total."""
        key = key_of(metric, *labels)
        self.counts[key] = self.counts.get(key, 0.0) + by

    def totals(self, metric: str) -> Iterator[tuple[tuple[str, ...], float]]:
        """All totals of one metric, with their labels."""
        for key, total in self.counts.items():
            name, *labels = json.loads(key)
            if name == metric:
                yield tuple(labels), total

    def label(self, node: str) -> str:
        """The name of a node in metrics: no more of them than there are known nodes."""
        return node if node in self.nodes else OTHER if node else "unknown"

    def remember(self, change: Change) -> None:
        """Keep a change for a while, as what may explain a loss."""
        self.recent = [*self.recent, change][-MOST_RECENT:]


def key_of(metric: str, *labels: str) -> str:
    """The key of a total."""
    return json.dumps([metric, *labels])
