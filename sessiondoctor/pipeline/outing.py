"""From an order to what comes of it: the wire is opened, the site looked at first, and an errand run."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from sessiondoctor.wire.proxy import Proxies

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.topology.model import Topology

T = TypeVar("T")
_FIRST_LOOK_S = 3.0
_ACQUAINTANCE_S = 8.0


async def sent_out(order: Order, errand: Callable[[Order, Wire], Awaitable[T]]) -> T:
    """Runs an errand with an open wire and an order that says where the target leads and what the site looks like.

    What this takes counts in the report's duration and against the deadline: they run from the order on.
    """
    async with _wire(order) as wire:
        topology = await _where_it_leads(order, wire)
        if topology:  # who does not answer now is not asked what it looks like: the time is the probes'
            order = await _acquainted(replace(order, topology=topology), wire)
        return await errand(order, wire)


async def _where_it_leads(order: Order, wire: Wire) -> Topology | None:
    """The topology after a first look, None where nobody answers in the little time that it has.

    An interrupt is for what comes after it.
    """
    from sessiondoctor.pipeline.first_look import first_look

    options = order.options
    try:
        async with asyncio.timeout(min(_FIRST_LOOK_S, options.timeout_s, options.deadline_s / 10)):
            return await first_look(order.topology, wire)
    except TimeoutError:
        return None
    except asyncio.CancelledError:
        _interrupt_later()
        return order.topology


async def _acquainted(order: Order, wire: Wire) -> Order:
    """The order once it is known what the site looks like; as it was if that is known, or takes too long."""
    from sessiondoctor.pipeline.acquaintance import acquainted, needs_acquaintance

    if order.acquaintance or not needs_acquaintance(order):
        return order
    seconds = min(_ACQUAINTANCE_S, order.options.deadline_s / 6)
    try:
        async with asyncio.timeout(seconds + order.options.timeout_s / 2):
            return await acquainted(order, wire, seconds)
    except TimeoutError:
        return order
    except asyncio.CancelledError:
        _interrupt_later()
        return order


def _interrupt_later() -> None:
    """At the next wait: the report says what was not looked at."""
    if current := asyncio.current_task():
        current.uncancel()
        current.cancel()


def _wire(order: Order) -> Wire:
    from sessiondoctor.probes.browser.targets import site_trust
    from sessiondoctor.probes.network.names import site_lookup

    site = order.topology.site
    return Wire(
        limits=Limits(total_s=order.options.timeout_s),
        pace=Pace(order.options.rate),
        resolve=site.resolve,
        lookup=site_lookup(order.topology),
        proxies=Proxies(site.proxy.reveal()),
        trust=site_trust(site),
    )
