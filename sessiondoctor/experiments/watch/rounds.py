"""The loop: a look each time, a whole scan where something calls for one, and whoever is told."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from sessiondoctor.errors import ExitCode, SessionDoctorError
from sessiondoctor.experiments.watch import causes
from sessiondoctor.experiments.watch.comparison import compare, unseen
from sessiondoctor.experiments.watch.memory import Memory
from sessiondoctor.experiments.watch.seen import Change

if TYPE_CHECKING:
    from sessiondoctor.experiments.watch.seen import Seen
    from sessiondoctor.model import Report

_URGENT: Final = frozenset({"session-lost", "store-restarted", "store-emptied", "evicted", "clock-stepped"})
_TELLING: Final = _URGENT | {
    "deployed", "node-down", "node-up", "node-appeared", "node-left", "balancer", "store-changed", "cookie",
    "certificate", "here", "looked-again",
}  # fmt: skip
_SOONER = 6
"""While a cause is there, scans are so many rounds apart, to see when it is gone."""


class World(Protocol):
    """What is watched."""

    async def look(self, memory: Memory, at: float) -> Seen:
        """One round's requests."""

    async def scan(self) -> Report:
        """A whole scan."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When to do what, in seconds.

    Attributes:
        rounds: how many; None for ever.
        scans_s: the longest time between two whole scans.
        apart_s: the shortest.
    """

    every_s: float
    rounds: int | None = None
    scans_s: float = 3600.0
    apart_s: float = 0.0


@dataclass(slots=True)
class Rounds:
    """One run.

    Attributes:
        told: called after each round, with what has changed.
        stopped: whether the user wants an end.
        clock: unix seconds.
        faults: how many sessions were lost in this run, and how often a scan found a fault.
        blind: whether the last round could not look at something.
    """

    world: World
    memory: Memory
    schedule: Schedule
    told: Callable[[tuple[Change, ...]], Awaitable[None]]
    stopped: Callable[[], bool]
    clock: Callable[[], float] = time.time
    faults: int = 0
    done: int = 0
    _before: tuple[float, float] = field(default=(0.0, 0.0))

    @property
    def exit_code(self) -> int:
        """1 where a fault was found, 3 where something could not be looked at."""
        if self.faults:
            return ExitCode.FAULT
        unclear = self.memory.unseen or self.memory.unclear or not self.done
        return ExitCode.UNSEEN if unclear else ExitCode.CLEAR

    async def run(self) -> None:
        """Until the last round, or an interrupt, which ends a round as if it had not begun."""
        loop = asyncio.get_running_loop()
        try:
            while not self.stopped():
                began = loop.time()
                await self._round(began)
                if self.done == self.schedule.rounds:
                    return
                await asyncio.sleep(_pause(loop.time() - began, self.schedule.every_s))
        except asyncio.CancelledError:
            if current := asyncio.current_task():
                current.uncancel()

    async def _round(self, began: float) -> None:
        memory, at = self.memory, self.clock()
        changes = await self._looked(at, self._jumped(at, began))
        if self._wants_scan(changes, at):
            changes += await self._scanned(at)
            memory.due = False
        elif any(one.kind in _TELLING and not self._is_explained(one) for one in changes):
            memory.due = True
        memory.rounds, memory.last_at = memory.rounds + 1, at
        memory.took_s = asyncio.get_running_loop().time() - began
        memory.count("rounds")
        self.done += 1
        self.faults += sum(one.kind == "session-lost" for one in changes)
        await self.told(changes)

    async def _looked(self, at: float, jumped_s: float) -> tuple[Change, ...]:
        """What has changed; that nothing could be looked at is one, and the watch goes on."""
        try:
            seen = await self.world.look(self.memory, at)
        except (SessionDoctorError, OSError) as error:
            return tuple(unseen(self.memory, {"site": _said(error)}, at))
        if self.stopped():
            raise asyncio.CancelledError
        return compare(self.memory, replace(seen, here_jumped_s=jumped_s))

    async def _scanned(self, at: float) -> tuple[Change, ...]:
        try:
            report = await self.world.scan()
        except (SessionDoctorError, OSError) as error:
            return tuple(unseen(self.memory, {**self.memory.unseen, "scan": _said(error)}, at))
        if self.stopped():
            raise asyncio.CancelledError
        changes = causes.compare(self.memory, report, at)
        self.faults += any(cause.counts for cause in self.memory.causes.values())
        return changes

    def _wants_scan(self, changes: tuple[Change, ...], at: float) -> bool:
        memory, schedule = self.memory, self.schedule
        since_s = at - memory.scanned_at
        longest_s = min(schedule.scans_s, _SOONER * schedule.every_s) if memory.causes else schedule.scans_s
        urgent = any(one.kind in _URGENT and not self._is_explained(one) for one in changes)
        return since_s >= schedule.apart_s and (memory.due or urgent or not 0 <= since_s < longest_s)

    def _is_explained(self, change: Change) -> bool:
        """Whether it is what a known cause does: where each round loses sessions not each needs a scan."""
        return change.kind == "session-lost" and bool(self.memory.causes)

    def _jumped(self, at: float, now: float) -> float:
        """By how much this machine's clock was set since the last round of this run."""
        (was_at, was), self._before = self._before, (at, now)
        return (at - was_at) - (now - was) if self.done else 0.0


def _pause(spent_s: float, every_s: float) -> float:
    """Until the next round; one that took longer makes the next ones late, not more."""
    return every_s - spent_s if spent_s < every_s else every_s - spent_s % every_s


def _said(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
