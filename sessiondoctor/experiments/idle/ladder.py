"""The run: visitors wait for their ages, are read, and tell where to look closer."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from sessiondoctor.errors import Unavailable
from sessiondoctor.experiments.idle.ages import Reading, Span, between, first_loss, is_settled, rungs, span_of
from sessiondoctor.experiments.idle.visitors import Look, Part, Visitor, Visits, age_of

PARTS: Final[tuple[Part, ...]] = ("session", "affinity")
AT_ONCE: Final = {"session": 1, "affinity": 6}
"""Visitors of one age: a balancer without affinity leads one of two home by chance."""
_CLOSER = 12
_ROUNDS = 2
_SOON_S = 0.001
_MOST_AGES = 100
_USED_EVERY = 0.5  # of the youngest lost age
_USED_UNTIL = 1.6


@dataclass(slots=True)
class Progress:
    """What is known so far: all that a run needs to go on.

    Attributes:
        readings: by part, those of visitors that were read once.
        renewed: by part, whether a visitor that was used now and then outlived the others.
        closer: parts whose span is being narrowed, each as often as that was done.
        waiting: visitors that are still to be read.
        troubles: why readings did not tell.
    """

    up_to_s: float
    readings: dict[Part, list[Reading]] = field(default_factory=lambda: {part: [] for part in PARTS})
    renewed: dict[Part, bool] = field(default_factory=dict)
    closer: list[Part] = field(default_factory=list)
    waiting: list[Visitor] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    interrupted: bool = False

    def span(self, part: Part) -> Span:
        """Between which ages it ends."""
        return span_of(self.readings[part]) if part == "session" else first_loss(self.readings[part])

    @property
    def read(self) -> int:
        """How many were read."""
        return sum(map(len, self.readings.values()))

    @property
    def next_in_s(self) -> float:
        """Seconds until the next visitor is read; infinite if none is waiting."""
        return min((one.age_s - age_of(one) for one in self.waiting), default=math.inf)


@dataclass(slots=True)
class Ladder:
    """One run.

    Attributes:
        most: how many sessions may be made at first.
        changed: called whenever something is new, to save and to tell.
    """

    visits: Visits
    progress: Progress
    most: int
    changed: Callable[[Progress], None]

    async def run(self) -> Progress:
        """Make the sessions, unless some are waiting, and read each at its age; an interrupt leaves what is known.

        Raises:
            Unavailable: sessions cannot be made, or are not there right after they were made.
        """
        progress = self.progress
        tasks: set[asyncio.Task[None]] = set()
        try:
            if not progress.waiting:
                await self._begin()
            tasks |= {asyncio.create_task(self._wait(one)) for one in progress.waiting}
            while tasks:
                done, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for one in done:
                    one.result()
                tasks |= {asyncio.create_task(self._wait(one)) for one in await self._closer()}
                self.changed(progress)
        except asyncio.CancelledError:
            progress.interrupted = True
            if current := asyncio.current_task():
                current.uncancel()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return progress

    async def _begin(self) -> None:
        """A first session, read at once, proves the flow; then those of all ages, one after the other."""
        progress = self.progress
        if self.visits.recipe.declared:
            first = await self.visits.make("session", 0.0)
            look, _ = await self.visits.use(first)
            if look.kept is not True:
                reason = look.trouble or "a session is not there right after it was made"
                raise Unavailable(f"the flow is not understood: {reason}", hint="try `sessiondoctor scan --rehearse`")
            for age_s in reversed(rungs(progress.up_to_s, self.most)):  # the youngest are read first
                progress.waiting.append(await self.visits.make("session", age_s))
                self.changed(progress)
        for age_s in reversed(rungs(progress.up_to_s, _MOST_AGES)):
            progress.waiting += await self._several("affinity", age_s)
            if not self.visits.names_nodes:
                progress.waiting = [one for one in progress.waiting if one.part != "affinity"]
                break
            self.changed(progress)

    async def _several(self, part: Part, age_s: float, every_s: float = 0.0) -> list[Visitor]:
        return [await self.visits.make(part, age_s, every_s) for _ in range(AT_ONCE[part])]

    async def _wait(self, visitor: Visitor) -> None:
        """Until the visitor's age has come; one that is used in between is read several times."""
        while (left_s := visitor.age_s - age_of(visitor)) > _SOON_S:
            await asyncio.sleep(min(left_s, visitor.every_s or left_s))
            if visitor.every_s and visitor.age_s - age_of(visitor) > _SOON_S:
                look, visitor = await self.visits.use(visitor)
                if look.kept is False:
                    break
        look, _ = await self.visits.use(visitor)
        self._note(visitor, look)

    def _note(self, visitor: Visitor, look: Look) -> None:
        progress, part = self.progress, visitor.part
        progress.waiting = [one for one in progress.waiting if not _is(one, visitor)]
        progress.troubles += [look.trouble] if look.trouble else []
        if visitor.every_s and look.kept is not None:
            progress.renewed[part] = progress.renewed.get(part, True) and look.kept
        elif not visitor.every_s:
            progress.readings[part].append(_reading(visitor, look))

    async def _closer(self) -> list[Visitor]:
        """Visitors of ages inside a span that has just been found, and some that are used in between."""
        progress, made = self.progress, []
        for part in PARTS:
            left = [one.age_s for one in progress.waiting if one.part == part]
            span, round_ = progress.span(part), progress.closer.count(part)
            if round_ == _ROUNDS or span.is_precise or not is_settled(progress.readings[part], left, span):
                continue
            progress.closer.append(part)
            for age_s in between(span, min(_CLOSER, self.most)):
                made += await self._several(part, age_s)
            if not round_:
                made += await self._several(part, _USED_UNTIL * span.lost_s, max(0.5, _USED_EVERY * span.kept_s))
        progress.waiting += made
        return made


def _reading(visitor: Visitor, look: Look) -> Reading:
    """What is certain: it was there at least so long, or it was gone at the latest then."""
    gone = look.kept is False
    age_s = look.answered_at - visitor.written_at if gone else look.asked_at - visitor.made_at
    return Reading(round(age_s, 3), look.kept)


def _is(one: Visitor, other: Visitor) -> bool:
    """Whether it is the same visitor, which may hold other cookies by now."""
    return replace(one, cookies=()) == replace(other, cookies=())
