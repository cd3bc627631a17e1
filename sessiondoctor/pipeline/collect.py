"""Runs planned probes: concurrently, each within its time, all within one deadline; nothing is asked twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from sessiondoctor.context import Context, Shared
from sessiondoctor.errors import Unavailable, Undeclared, trace_of
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.pipeline.plan import Plan
from sessiondoctor.probes.contract import Absent, Probe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Iterable

_INTERRUPTED = "interrupted"
_LEAST_S = 0.1  # for probes, however long the start took
_GRACE_S = 0.05  # for a probe to end when it is told to: to close what it opened, not to finish


class Progress(Protocol):
    """Told what goes on, for people who wait."""

    def started(self, probe: Probe) -> None:
        """A probe begins."""

    def noted(self, probe: Probe, text: str) -> None:
        """A probe says how far it has come."""

    def finished(self, probe: Probe) -> None:
        """A probe has ended, whatever came of it."""


@dataclass(slots=True)
class _Run:
    """One scan's probes under way. `locks` keeps a target to itself for a probe that measures affinity."""

    plan: Plan
    context: Context
    progress: Progress
    tasks: dict[Probe, asyncio.Task[Piece]] = field(default_factory=dict)
    locks: dict[str, asyncio.Lock] = field(default_factory=lambda: defaultdict(asyncio.Lock))

    async def need(self, kind: type[Any]) -> Any:
        """The first piece of this kind that there is."""
        pieces = [await asyncio.shield(task) for probe, task in self.tasks.items() if probe.evidence is kind]
        pieces += [_absence(entry) for entry in self.plan.absent if entry.evidence is kind]
        for piece in pieces:
            if piece.value is not None:
                return piece.value
        raise _missing(kind, pieces)

    async def ask(self, probe: Probe) -> Piece:
        """One probe's piece, whatever happens."""
        piece = Piece(probe.evidence, probe.subject)
        try:
            for kind in probe.needs:
                _insist(probe, await self.need(kind))
            await self.earlier(probe)
            async with self.alone(probe):
                self.progress.started(probe)
                async with asyncio.timeout(probe.timeout_s):
                    return replace(piece, value=await self.answer(probe))
        except Undeclared as trouble:
            return replace(piece, absent=trouble.reason, hint=trouble.hint)
        except Unavailable as trouble:
            return replace(piece, unavailable=trouble.reason or "the probe gave no reason", hint=trouble.hint)
        except TimeoutError:
            return replace(piece, unavailable=f"no answer within {probe.timeout_s:g} s")
        except Exception as error:  # noqa: BLE001 - a probe that crashes must not stop the others
            return replace(piece, crash=trace_of(error))
        finally:
            self.progress.finished(probe)

    async def earlier(self, probe: Probe) -> None:
        """Wait until the probes of earlier turns have ended, whatever came of them; see `Probe.turn`."""
        tasks = [
            task
            for other, task in self.tasks.items()
            if other.turn < probe.turn and (other.turn >= 0 or probe.contacts.keys() & other.contacts.keys())
        ]
        if tasks:
            await asyncio.wait(tasks)

    async def answer(self, probe: Probe) -> Any:
        """What the probe returns; None would look like evidence that nobody asked for."""
        value = await probe.ask(replace(self.context, tell=partial(self.progress.noted, probe)))
        if value is None:
            raise TypeError(f"the probe returned no {probe.evidence.__name__}")
        return value

    @asynccontextmanager
    async def alone(self, probe: Probe) -> AsyncIterator[None]:
        """Locks, in a fixed order, each target of this probe that some probe wants for itself."""
        held = {other.holds for other in self.plan.probes if other.holds}
        async with AsyncExitStack() as stack:
            for target in sorted(held & {probe.holds, *probe.contacts}):
                await stack.enter_async_context(self.locks[target])
            yield


async def collect(plan: Plan, context: Context, progress: Progress, *, spent_s: float = 0.0) -> Gathered:
    """All evidence of the plan.

    `spent_s` of the deadline are gone, or kept for what comes after. An interrupt (cancellation) or the deadline ends
    what still runs; what was seen until then is returned, and what
    was not is marked `skipped` with the reason.
    """
    run = _Run(plan, context, progress)
    left_s = max(_LEAST_S, context.options.deadline_s - spent_s)
    ends = asyncio.get_running_loop().time() + left_s
    run.context = replace(context, need=run.need, ends=ends)
    run.tasks = {probe: asyncio.create_task(run.ask(probe)) for probe in plan.probes}
    interrupted = await _wait(run.tasks.values(), left_s)
    late = {task for task in run.tasks.values() if not task.done()}
    await _end(late)
    await _farewell(context.shared.values())
    reason = _INTERRUPTED if interrupted else f"the deadline of {context.options.deadline_s:g} s cut the scan short"
    pieces = [
        Piece(probe.evidence, probe.subject, skipped=reason) if task in late or task.cancelled() else task.result()
        for probe, task in run.tasks.items()
    ]
    return Gathered(
        pieces=(*pieces, *(_absence(entry) for entry in plan.absent)),
        interrupted=interrupted,
        cut=not interrupted and any(piece.skipped for piece in pieces),
        refusals={
            f"{place} {status}": count
            for place, counts in context.wire.refusals.items()
            for status, count in counts.items()
        },
    )


async def _wait(tasks: Collection[asyncio.Task[Piece]], deadline_s: float) -> bool:
    """Waits for the tasks until the deadline; says whether the user interrupted."""
    try:
        if tasks:
            await asyncio.wait(tasks, timeout=deadline_s)
    except asyncio.CancelledError:
        if current := asyncio.current_task():
            current.uncancel()
        return True
    return False


async def _farewell(shared: Iterable[Shared]) -> None:
    """Leaves nothing behind that probes have made for each other; what fails then changes no finding."""
    for one in shared:
        with contextlib.suppress(Unavailable, TimeoutError):
            await one.end()


async def _end(late: Collection[asyncio.Task[Piece]]) -> None:
    """Ends tasks; one that clings to life is left behind."""
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=_GRACE_S)


def _insist(probe: Probe, evidence: Any) -> None:
    """Rather nothing than what a peer that gives no pages says of sessions.

    Raises:
        Unavailable: the evidence bars a peer that the probe contacts.
    """
    place, why = getattr(evidence, "barred", ("", ""))
    if place in probe.contacts:
        raise Unavailable(why)


def _missing(kind: type[Any], pieces: Iterable[Piece]) -> Unavailable:
    """Why there is none of this evidence: the first reason that is known."""
    for piece in pieces:
        if reason := piece.unavailable or piece.skipped or piece.absent:
            return Unavailable(reason, hint=piece.hint)
        if piece.crash:
            return Unavailable(f"the probe for {kind.__name__} failed")
    return Unavailable(f"{kind.__name__} was not collected")


def _absence(entry: Absent) -> Piece:
    return Piece(entry.evidence, entry.subject, absent=entry.reason, hint=entry.hint)
