"""The site that is watched: each look and each scan opens connections of its own, and leaves none behind."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sessiondoctor.experiments.watch.looking import Looker
from sessiondoctor.pipeline.collect import Progress
from sessiondoctor.pipeline.order import Order
from sessiondoctor.pipeline.outing import sent_out
from sessiondoctor.pipeline.scan import scan

if TYPE_CHECKING:
    from sessiondoctor.experiments.watch.memory import Memory
    from sessiondoctor.experiments.watch.seen import Seen
    from sessiondoctor.model import Report
    from sessiondoctor.wire.client import Wire


@dataclass(slots=True)
class Site:
    """See `sessiondoctor.experiments.watch.rounds.World`; `order` is that of the whole scans."""

    order: Order
    looker: Looker
    progress: Progress

    async def look(self, memory: Memory, at: float) -> Seen:
        """One round's requests."""

        async def errand(order: Order, wire: Wire) -> Seen:
            self._acquainted(order)
            return await self.looker.look(order, wire, self.progress, memory, at)

        return await sent_out(replace(self.order, started=time.monotonic()), errand)

    async def scan(self) -> Report:
        """A whole scan."""

        async def errand(order: Order, wire: Wire) -> Report:
            self._acquainted(order)
            return await scan(order, wire, self.progress)

        return await sent_out(replace(self.order, started=time.monotonic()), errand)

    def _acquainted(self, order: Order) -> None:
        """What the site looks like is found out once."""
        if order.acquaintance is not None:
            self.order = replace(self.order, topology=order.topology, acquaintance=order.acquaintance)
