"""The drill: one node after the other is taken out, looked at through its sessions, put back, and proven to be back."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

from sessiondoctor.context import Context
from sessiondoctor.evidence.experiments.drill import Drill, DrilledSession, DrillStage, NodeDrill
from sessiondoctor.experiments.drill.actions import COMMAND_S, UNDO_S, Outage
from sessiondoctor.experiments.drill.crowd import FEWEST, Crowd, StageCount
from sessiondoctor.experiments.drill.guarded import Guarded
from sessiondoctor.experiments.drill.held import HELD, HeldOpen

if TYPE_CHECKING:
    from sessiondoctor.evidence.experiments.drill import By
    from sessiondoctor.experiments.drill.actions import Removal

BEFORE: Final = 3
"""Looks at each session while all nodes are in service."""
EVERY_S: Final = 0.5
DRAIN_SHARE: Final = 0.3
"""Of the time for the rest: a drain that moves clients does so at once."""
_NOT_KEPT = "sessions are not kept even while all nodes are in service"
_SETTLED = 3  # looks after the last client has moved
_REACHED_S = 30.0
_MARGIN_S = 60.0


@dataclass(slots=True)
class Run:
    """One run.

    Attributes:
        sessions: how many of each node that is taken out.
        watch_s: how long it is waited, at most, until the balancer has moved all clients.
        tell: says what is being done, to whoever waits.
        interrupted: the user, or the system, wanted an end.
    """

    context: Context
    outages: tuple[Outage, ...]
    sessions: int
    watch_s: float
    tell: Callable[[str], None]
    interrupted: bool = False
    _found: list[NodeDrill] = field(default_factory=list)

    async def drill(self) -> Drill:
        """Every node in its turn; no further one where one is not back, or after an interrupt.

        Raises:
            Unavailable: there are no sessions to look at, or nothing guards the nodes; then nothing was changed.
        """
        async with Guarded(self.outages, self._longest_s) as guard:
            for outage in self.outages:
                self._found.append(await self._one(guard, outage))
                if self.interrupted or not self._found[-1].proof:
                    break
        return Drill(tuple(self._found))

    @property
    def _longest_s(self) -> float:
        """Without a word of us while a node is out, after which the guard undoes everything: we may hang."""
        return 2 * self.watch_s + 2 * COMMAND_S + UNDO_S + 20 * self.context.options.timeout_s + _MARGIN_S

    async def _one(self, guard: Guarded, outage: Outage) -> NodeDrill:
        """One node. From the moment that it is taken out, nothing but its return ends this."""
        crowd = Crowd(self.context, outage.node, self.sessions)
        self.tell(f"{outage.node}: sessions are made, and looked at {BEFORE} times")
        await crowd.assemble()
        found = NodeDrill(outage.node, await self._watched(crowd, "", rounds=BEFORE))
        if len(found.steady) < FEWEST:
            self.tell(f"{outage.node}: {_NOT_KEPT}; it is left in service")
            return replace(found, trouble=_NOT_KEPT, proof="it was not taken out")
        async with HeldOpen(self.context) as held:
            await held.open([one.client for one in crowd.members if one.home == outage.node][:HELD])
            stages: list[DrillStage] = []
            trouble = ""
            try:
                trouble = await self._out(guard, outage, crowd, held, stages)
            except asyncio.CancelledError:
                self.interrupted = True
                if current := asyncio.current_task():
                    current.uncancel()
            finally:
                found = replace(found, stages=tuple(stages), trouble=trouble)
                found = await self._back(guard, outage, crowd, found)
        if found.proof and not self.interrupted:
            found = replace(found, after=await self._watched(crowd, "", rounds=_SETTLED))
        return found

    async def _out(self, guard: Guarded, outage: Outage, crowd: Crowd, held: HeldOpen, stages: list[DrillStage]) -> str:
        """The node is taken out in each way; why not in all, else nothing."""
        for way in outage.ways:
            self.tell(f"{outage.node}: {_doing(way)}")
            since = time.time()
            watch = _watch(crowd, way.by, since)
            try:
                if trouble := await self._follow(guard.take_out(outage, way.by), crowd, watch, outage.node):
                    return trouble
            finally:
                if watch.requests:
                    stages.append(watch.stage())
            stages[-1] = replace(stages[-1], sockets=await held.fates(since))
            self.tell(f"{outage.node}: {_summary(stages[-1], outage.node)}")
        return ""

    async def _follow(self, order: Coroutine[None, None, str], crowd: Crowd, watch: StageCount, node: str) -> str:
        """Look again and again while an order is carried out, and until all clients of the node have moved and settled.

        Returns:
            What went wrong with the order, else nothing.
        """
        carried_out = asyncio.create_task(order)
        ends, settled = math.inf, 0
        try:
            while settled < _SETTLED and time.time() < ends:
                watch.note(await crowd.look())
                await asyncio.sleep(EVERY_S)
                if carried_out.done():
                    if trouble := carried_out.result():
                        return trouble
                    ends = min(ends, time.time() + self.watch_s * (DRAIN_SHARE if watch.by == "drain" else 1.0))
                    moved = all(one.moved_s is not None for one in watch.sessions if one.home == node)
                    settled = settled + 1 if moved else 0
        finally:
            carried_out.cancel()
            await asyncio.gather(carried_out, return_exceptions=True)
        return ""

    async def _back(self, guard: Guarded, outage: Outage, crowd: Crowd, found: NodeDrill) -> NodeDrill:
        began = time.monotonic()
        self.tell(f"{outage.node}: put back")
        trouble = await guard.put_back(outage)
        proof = "" if trouble else await self._proof(outage, crowd)
        by_hand = tuple(action.by_hand for action in outage.undo)
        if not proof:
            trouble = trouble or f"the balancer led no new client to {outage.node} within {_REACHED_S:.0f} s"
            self.tell(f"{outage.node}: NOT proven to be back: {trouble}; by hand: {'; '.join(by_hand)}")
        else:
            self.tell(f"{outage.node}: {proof}")
        return replace(
            found,
            proof=proof,
            back_s=round(time.monotonic() - began, 2),
            by_hand=by_hand,
            trouble="; ".join(filter(None, (found.trouble, trouble))),
        )

    async def _proof(self, outage: Outage, crowd: Crowd) -> str:
        """What shows that the node is back: the guard has read HAProxy's state, else a request must reach it."""
        if outage.servers:
            names = ", ".join(dict.fromkeys(path for _, path in outage.servers))
            return f"HAProxy says that {names} is in service (show servers state)"
        reached = await crowd.reaches(_REACHED_S)
        return f"{outage.node} answers a new client through the balancer" if reached else ""

    async def _watched(self, crowd: Crowd, by: By | Literal[""], rounds: int) -> DrillStage:
        watch = _watch(crowd, by, time.time())
        for number in range(rounds):
            watch.note(await crowd.look())
            await asyncio.sleep(EVERY_S / 2 if number + 1 < rounds else 0)
        return watch.stage()


def _watch(crowd: Crowd, by: By | Literal[""], since: float) -> StageCount:
    return StageCount(by, since, [DrilledSession(one.home, "unknown") for one in crowd.members])


def _doing(way: Removal) -> str:
    return "; ".join(action.title for action in way.actions)


def _summary(stage: DrillStage, node: str) -> str:
    own = [one for one in stage.sessions if one.home == node]
    moved = [one.moved_s for one in own if one.moved_s is not None]
    lost = sum(one.state == "lost" for one in own)
    when = f" within {max(moved):.1f} s" if moved else ""
    return f"{len(moved)} of {len(own)} clients moved{when}, {lost} sessions lost, {sum(stage.errors.values())} errors"
