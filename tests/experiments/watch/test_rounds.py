from __future__ import annotations

import asyncio
import random
import resource
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import Unavailable
from sessiondoctor.experiments.watch import state
from sessiondoctor.experiments.watch.memory import MOST_NODES, MOST_RECENT, Memory
from sessiondoctor.experiments.watch.metrics import METRICS
from sessiondoctor.experiments.watch.rounds import Rounds, Schedule
from sessiondoctor.experiments.watch.seen import NodeSeen, Seen
from sessiondoctor.model import Outcome, Report
from tests.fakes.reports import a_diagnosis, a_report
from tests.fakes.virtual_time import now, run_at_once
from tests.fakes.watched import EVERY_S, Site, read, told, visitor, wall

if TYPE_CHECKING:
    from sessiondoctor.experiments.watch.seen import Change

ROUNDS = 10_000
FAULT = a_report(diagnosis=(a_diagnosis("clock-skew"),), verdict=Outcome.FAULT_FOUND, counts=("clock-skew",))


@dataclass
class World:
    """Looks that take two seconds, scans that take ten; what happens in which round."""

    site: Site = field(default_factory=Site)
    happens: dict[int, Callable[[World, Seen], Seen]] = field(default_factory=dict)
    report: Report = field(default_factory=a_report)
    looks: int = 0
    scanned_at: list[float] = field(default_factory=list)

    async def look(self, _memory: Memory, at: float) -> Seen:
        """The next round."""
        await asyncio.sleep(2)
        self.looks += 1
        self.site.at = at
        seen = self.site.seen()
        happens = self.happens.get(self.looks)
        return happens(self, seen) if happens else seen

    async def scan(self) -> Report:
        """What there is to say."""
        self.scanned_at.append(now())
        await asyncio.sleep(10)
        return self.report


def watch(world: World, schedule: Schedule, memory: Memory | None = None) -> tuple[Rounds, list[tuple[Change, ...]]]:
    """A whole run, on a clock of its own."""
    lines: list[tuple[Change, ...]] = []

    async def told_of(changes: tuple[Change, ...]) -> None:
        lines.append(changes)

    rounds = Rounds(world, memory or Memory("shop"), schedule, told_of, lambda: False, wall)
    run_at_once(rounds.run())
    return rounds, lines


def unavailable(_world: World, _seen: Seen) -> Seen:
    """Nobody answers."""
    raise Unavailable("no answer within 5 s")


def deployed(world: World, seen: Seen) -> Seen:
    """Another build from now on."""
    world.site.builds["app2"] = "2"
    return replace(seen, nodes=world.site.seen().nodes)


def losing(_world: World, seen: Seen) -> Seen:
    """One session is gone."""
    return replace(seen, sessions=(replace(seen.sessions[0], here=False), *seen.sessions[1:]))


def faulty(world: World, seen: Seen) -> Seen:
    """The next scan finds a fault."""
    world.report = FAULT
    return losing(world, seen)


def mended(world: World, seen: Seen) -> Seen:
    """And this one none."""
    world.report = a_report()
    return seen


def test_rounds_keep_their_times() -> None:
    """Each begins an interval after the one before; a scan comes first, then once an hour."""
    world = World()
    rounds, lines = watch(world, Schedule(EVERY_S, rounds=25))
    assert (world.looks, rounds.done, rounds.exit_code) == (25, 25, 0)
    assert lines == [()] * 25
    assert world.scanned_at == [2.0, 3602.0, 7202.0]
    assert rounds.memory.took_s == 12.0


def test_a_round_that_takes_too_long_makes_the_next_late() -> None:
    """Not two at once."""
    world = World()
    watch(world, Schedule(5.0, rounds=3, scans_s=1.0))
    assert world.scanned_at == [2.0, 17.0, 32.0]


def test_a_look_that_fails_is_a_line_and_no_end() -> None:
    """Nor a pass."""
    world = World(happens={2: unavailable, 3: unavailable})
    rounds, lines = watch(world, Schedule(EVERY_S, rounds=5))
    assert [told(each) for each in lines] == [[], [("could-not-look", "site")], [], [("looked-again", "site")], []]
    assert "no answer within 5 s" in lines[1][0].text
    assert dict(rounds.memory.totals("failed_looks")) == {("site",): 2.0}
    blind, _ = watch(World(happens={2: unavailable}), Schedule(EVERY_S, rounds=2))
    assert blind.exit_code == 3


def test_a_change_is_scanned_a_round_later_and_a_loss_at_once() -> None:
    """What was deployed may still be starting; who lost a session wants to know."""
    world = World(happens={3: deployed, 6: losing})
    rounds, lines = watch(world, Schedule(EVERY_S, rounds=8))
    assert told(lines[2]) == [("deployed", "app2")]
    assert told(lines[5]) == [("session-lost", "app1")]
    assert world.scanned_at == [2.0, 3 * EVERY_S + 2, 5 * EVERY_S + 2]
    assert rounds.exit_code == 1


def test_losses_that_a_known_cause_explains_need_no_scan() -> None:
    """Each round has some."""
    world = World(happens={2: faulty} | dict.fromkeys(range(3, 8), losing))
    rounds, lines = watch(world, Schedule(EVERY_S, rounds=7))
    assert all(told(each)[0] == ("session-lost", "app1") for each in lines[1:])
    assert world.scanned_at == [2.0, EVERY_S + 2]
    assert rounds.faults == 7


def test_scans_that_log_in_are_apart() -> None:
    """What is due waits."""
    world = World(happens={2: losing})
    watch(world, Schedule(EVERY_S, rounds=5, apart_s=900.0))
    assert world.scanned_at == [2.0, 3 * EVERY_S + 2]


def test_a_fault_is_looked_for_until_it_is_gone() -> None:
    """Every six rounds."""
    world = World(happens={2: faulty, 5: mended})
    rounds, lines = watch(world, Schedule(EVERY_S, rounds=9))
    assert told(lines[1])[1:] == [("cause-new", "clock-skew")]
    assert told(lines[7]) == [("cause-gone", "clock-skew")]
    assert world.scanned_at == [2.0, EVERY_S + 2, 7 * EVERY_S + 2]
    assert rounds.exit_code == 1


def test_an_interrupt_ends_it() -> None:
    """In the middle of a look, which is as if it had not been."""
    world, memory = World(), Memory("shop")

    async def interrupted() -> Rounds:
        async def nobody(_: tuple[Change, ...]) -> None:
            """Nobody is told."""

        rounds = Rounds(world, memory, Schedule(EVERY_S), nobody, lambda: False, wall)
        task = asyncio.create_task(rounds.run())
        await asyncio.sleep(2 * EVERY_S + 1)
        task.cancel()
        await task
        return rounds

    assert run_at_once(interrupted()).done == 2
    assert memory.rounds == 2


@dataclass
class Turmoil(World):
    """Everything changes all the time, by names that never end."""

    random: random.Random = field(default_factory=lambda: random.Random(7))

    async def look(self, _memory: Memory, at: float) -> Seen:
        """Another world each time."""
        number = self.looks = self.looks + 1
        self.site.at = at
        seen, chance = self.site.seen(), self.random.random()
        if chance < 0.05:
            raise Unavailable(f"trouble {number}")
        pods = [f"pod-{number - number % 7 + index}" for index in range(3)]
        sessions = tuple(
            read(visitor(number + index, pod), at, here=self.random.random() > 0.1, node=self.random.choice(pods))
            for index, pod in enumerate(pods)
        )
        return replace(
            seen,
            nodes=tuple(NodeSeen(pod, up=chance > 0.3, traits={f"x-{number % 90}": str(number)}) for pod in pods),
            sessions=sessions,
            born=(visitor(number + 5, pods[0]),),
            most=4,
            stores=(replace(seen.stores[0], evicted=number, uptime_s=self.random.random() * 1e6),),
            clocks=tuple(replace(clock, offset_s=self.random.gauss(0, 100)) for clock in seen.clocks),
            lifetimes={f"cookie-{number}": 60.0},
            troubles={f"balancer-{number % 5}": "no answer"} if chance > 0.9 else {},
        )


@pytest.mark.timeout(120)
def test_days_of_turmoil_need_little_memory_and_disk() -> None:
    """Five weeks of rounds: the state is as large in the end as after a thousand."""
    world, memory, sizes = Turmoil(report=FAULT), Memory("shop"), list[int]()

    async def saved(_: tuple[Change, ...]) -> None:
        if memory.rounds % 1000 == 0:
            sizes.append(len(state.written(memory)))

    rounds = Rounds(world, memory, Schedule(EVERY_S, ROUNDS), saved, lambda: False, wall)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run_at_once(rounds.run())
    assert memory.rounds == ROUNDS
    assert max(sizes[1:]) < 100_000
    assert max(sizes[1:]) < 1.2 * min(sizes[1:])
    assert len(memory.nodes) <= MOST_NODES
    assert len(memory.recent) <= MOST_RECENT
    assert sum(len(list(metric.samples(memory))) for metric in METRICS) < 1000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000  # KiB
