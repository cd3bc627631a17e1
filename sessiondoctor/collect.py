"""Runs planned probes: concurrently, each within its time, all within one deadline; nothing is asked twice."""

from __future__ import annotations

import asyncio
import traceback
from collections import defaultdict
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.plan import Plan
from sessiondoctor.probes.contract import Absent, Context, Probe

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_INTERRUPTED = "interrupted"


class Progress(Protocol):
    """Told what goes on, for people who wait."""

    def started(self, probe: Probe) -> None:
        """A probe begins."""

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
        for piece in pieces:
            if piece.value is not None:
                return piece.value
        reason = next((piece.unavailable or piece.skipped for piece in pieces), f"{kind.__name__} was not collected")
        raise Unavailable(reason or f"the probe for {kind.__name__} failed")

    async def ask(self, probe: Probe) -> Piece:
        """One probe's piece, whatever happens."""
        piece = Piece(probe.evidence, probe.subject)
        try:
            for kind in probe.needs:
                await self.need(kind)
            async with self.alone(probe):
                self.progress.started(probe)
                async with asyncio.timeout(probe.timeout_s):
                    return replace(piece, value=await probe.ask(self.context))
        except Unavailable as trouble:
            return replace(piece, unavailable=trouble.reason, hint=trouble.hint)
        except TimeoutError:
            return replace(piece, unavailable=f"no answer within {probe.timeout_s:g} s")
        except Exception:  # noqa: BLE001 - a probe that crashes must not stop the others
            return replace(piece, crash=traceback.format_exc(limit=-5))
        finally:
            self.progress.finished(probe)

    @asynccontextmanager
    async def alone(self, probe: Probe) -> AsyncIterator[None]:
        """Locks, in a fixed order, each target of this probe that some probe wants for itself."""
        held = {other.holds for other in self.plan.probes if other.holds}
        async with AsyncExitStack() as stack:
            for target in sorted(held & {probe.holds, *probe.contacts}):
                await stack.enter_async_context(self.locks[target])
            yield


async def collect(plan: Plan, context: Context, progress: Progress) -> Gathered:
    """All evidence of the plan.

    An interrupt (cancellation) or the deadline ends what still runs; what was seen until then is returned, and what
    was not is marked `skipped` with the reason.
    """
    run = _Run(plan, context, progress)
    run.context = replace(context, need=run.need)
    run.tasks = {probe: asyncio.create_task(run.ask(probe)) for probe in plan.probes}
    interrupted = await _wait(list(run.tasks.values()), context.options.deadline_s)
    reason = _INTERRUPTED if interrupted else f"the deadline of {context.options.deadline_s:g} s cut the scan short"
    pieces = [_piece(probe, task, reason) for probe, task in run.tasks.items()]
    return Gathered(
        pieces=(*pieces, *(_absence(entry) for entry in plan.absent)),
        interrupted=interrupted,
        cut=not interrupted and any(piece.skipped for piece in pieces),
    )


async def _wait(tasks: list[asyncio.Task[Piece]], deadline_s: float) -> bool:
    """Waits for the tasks, ends those that are late, says whether the user interrupted."""
    interrupted = False
    try:
        if tasks:
            await asyncio.wait(tasks, timeout=deadline_s)
    except asyncio.CancelledError:
        interrupted = True
        if current := asyncio.current_task():
            current.uncancel()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return interrupted


def _piece(probe: Probe, task: asyncio.Task[Piece], reason: str) -> Piece:
    if task.cancelled():
        return Piece(probe.evidence, probe.subject, skipped=reason)
    return task.result()


def _absence(entry: Absent) -> Piece:
    return Piece(entry.evidence, entry.subject, absent=entry.reason, hint=entry.hint)
