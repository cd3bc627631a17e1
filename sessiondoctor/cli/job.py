"""What `scan` and `check` have in common: from the words of the command line to a written report and an exit code."""

from __future__ import annotations

import asyncio
import importlib
import time
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sessiondoctor.cli.order import order_of
from sessiondoctor.cli.signals import Held
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from sessiondoctor.wire.proxy import Proxies

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sessiondoctor.cli.options import Job
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.pipeline.scan import Order
    from sessiondoctor.topology.model import Topology

T = TypeVar("T")
_FIRST_LOOK_S = 3.0
_ACQUAINTANCE_S = 8.0
if TYPE_CHECKING:
    Errand = Callable[[Order, Wire, Progress], Awaitable[T]]


def run(job: Job) -> int:
    """Does the job; returns the exit code."""
    from sessiondoctor.cli.output import destinations, write

    outputs = destinations(job.formats, job.output)
    if job.plan_only:
        return _show_plan(order_of(job))
    if job.rehearse_only:
        return _rehearse(job)
    from sessiondoctor.pipeline.scan import scan

    with Held() as held:
        report = asyncio.run(held.watch(probed(job, scan)))
        if held.code:
            report = replace(report, exit_code=held.code)
        write(report, outputs, color=job.color, verbose=job.verbose)
    return report.exit_code


async def probed(job: Job, errand: Errand[T]) -> T:
    """Reads what the job names and runs an errand with an open wire: a scan, or collecting for a bundle."""
    started = time.monotonic()
    order = order_of(job)
    async with _wire(job, order.topology) as wire:
        order = replace(order, topology=await _where_it_leads(order, wire))
        order = await _acquainted(order, wire)
        return await _probe(job, replace(order, started=started), wire, errand)


async def _where_it_leads(order: Order, wire: Wire) -> Topology:
    """The topology after a first look, which may take little of the time; an interrupt is for what comes after it."""
    from sessiondoctor.pipeline.first_look import first_look

    options = order.options
    try:
        async with asyncio.timeout(min(_FIRST_LOOK_S, options.timeout_s, options.deadline_s / 10)):
            return await first_look(order.topology, wire)
    except TimeoutError:
        return order.topology
    except asyncio.CancelledError:
        _interrupt_later()
        return order.topology


async def _acquainted(order: Order, wire: Wire) -> Order:
    """The order once it is known what the site looks like; as it was where that takes too long."""
    from sessiondoctor.pipeline.acquaintance import acquainted, needs_acquaintance

    if not needs_acquaintance(order):
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


async def _probe(job: Job, order: Order, wire: Wire, errand: Errand[T]) -> T:
    from sessiondoctor.cli.progress import progress

    ahead = asyncio.get_running_loop().run_in_executor(None, _load_ahead, order, job.formats)
    ahead.add_done_callback(lambda done: done.exception())  # what fails here fails again where it is needed
    with progress(quiet=job.quiet) as shown:
        return await errand(order, wire, shown)


def _load_ahead(order: Order, formats: tuple[str, ...]) -> None:
    """Loads what comes after the probes while they wait for answers: the cause pages, and rich for the text report."""
    assert order.catalogue.causes
    if not formats:
        importlib.import_module("sessiondoctor.report.terminal")


def _wire(job: Job, topology: Topology) -> Wire:
    from sessiondoctor.probes.network.names import site_lookup
    from sessiondoctor.probes.targets import site_trust

    return Wire(
        limits=Limits(total_s=job.timeout_s),
        pace=Pace(job.rate),
        resolve=topology.site.resolve,
        lookup=site_lookup(topology),
        proxies=Proxies(topology.site.proxy.reveal()),
        trust=site_trust(topology.site),
    )


def _rehearse(job: Job) -> int:
    from sessiondoctor.cli.output import show
    from sessiondoctor.cli.rehearsed import rehearse

    text, code = asyncio.run(probed(job, rehearse))
    show(text)
    return code


def _show_plan(order: Order) -> int:
    from sessiondoctor.cli.output import show
    from sessiondoctor.cli.planned import plan_text

    show(plan_text(order))
    return 0
