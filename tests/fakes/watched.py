"""Sites that are made up, to be watched."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.experiments.idle.visitors import Visitor
from sessiondoctor.experiments.watch.comparison import compare
from sessiondoctor.experiments.watch.memory import Memory
from sessiondoctor.experiments.watch.seen import ClockSeen, NodeSeen, Seen, SessionSeen, StoreSeen
from sessiondoctor.formats.jar import Jar
from sessiondoctor.formats.set_cookie import read_set_cookie
from tests.fakes.virtual_time import now

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.experiments.watch.seen import Change

NODES = ("app1", "app2", "app3")
START = 1_800_000_000.0
EVERY_S = 300.0
STORE = StoreSeen("sessions", 1000.0, 10, 0, hits=5, misses=1, role="master", policy="noeviction")
CLOCKS = (ClockSeen("app1", "node", 0.0, 0.5), ClockSeen("sessions", "store", 0.0, 0.01))


def visitor(number: int, home: str = "app1", at: float = START) -> Visitor:
    """A session with a secret of its own."""
    jar = Jar()
    jar.store(read_set_cookie(f"sid=very-secret-{number}; Path=/"), "http://shop/", at)
    return Visitor(
        "session", 0.0, 0.0, at, at + number / 1000, "http://shop/", home, jar.all(), {"marker": f"sd{number}"}
    )


def read(one: Visitor, at: float, *, here: bool | None = True, node: str = "", at_home: bool = False) -> SessionSeen:
    """A session that was read."""
    node = node or one.home
    return SessionSeen(replace(one, home=node), one.home, node, here, at_home, at)


@dataclass
class Site:
    """A cluster as it is now; each look is one round of it."""

    builds: dict[str, str] = field(default_factory=lambda: dict.fromkeys(NODES, "1"))
    up: dict[str, bool | None] = field(default_factory=lambda: dict.fromkeys(NODES, True))
    store: StoreSeen = STORE
    clocks: tuple[ClockSeen, ...] = CLOCKS
    sessions: list[Visitor] = field(default_factory=lambda: [visitor(i, NODES[i % 3]) for i in range(6)])
    memory: Memory = field(default_factory=lambda: Memory("shop"))
    at: float = START

    def seen(self) -> Seen:
        """What a round sees, if all sessions are there."""
        nodes = tuple(
            NodeSeen(name, self.up[name], "", {"x-app-version": build}) for name, build in self.builds.items()
        )
        store = replace(self.store, uptime_s=self.store.uptime_s + self.at - START, at=self.at)
        sessions = tuple(read(one, self.at) for one in self.sessions)
        return Seen(self.at, 0.0, nodes, (store,), (), self.clocks, sessions, (), 6, {}, "this machine")

    def round(self, **other: object) -> tuple[Change, ...]:
        """The next round, with what it saw in place of the usual."""
        changes = compare(self.memory, replace(self.seen(), **other))  # type: ignore[arg-type]
        self.memory.rounds, self.memory.last_at = self.memory.rounds + 1, self.at
        self.at += EVERY_S
        return changes

    def settled(self, rounds: int = 3) -> Site:
        """After some rounds in which nothing happened."""
        for _ in range(rounds):
            assert self.round() == ()
        return self


def told(changes: Sequence[Change]) -> list[tuple[str, str]]:
    """Kind and subject of each."""
    return [(one.kind, one.subject) for one in changes]


def wall() -> float:
    """Unix seconds by the virtual clock."""
    return START + now()
