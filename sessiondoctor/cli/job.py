"""What `scan` and `check` have in common: from the words of the command line to a written report and an exit code."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sessiondoctor.cli.order import order_of
from sessiondoctor.cli.signals import Held

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sessiondoctor.cli.options import Job
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.wire.client import Wire

T = TypeVar("T")
if TYPE_CHECKING:
    Errand = Callable[[Order, Wire, Progress], Awaitable[T]]


def run(job: Job) -> int:
    """Does the job; returns the exit code."""
    from sessiondoctor.cli.documents.output import destinations, write

    outputs = destinations(job.formats, job.output)
    if job.plan_only:
        return _show_plan(order_of(job))
    if job.rehearse_only:
        return _rehearse(job)
    from sessiondoctor.outcome.proof import proved_by
    from sessiondoctor.pipeline.scan import scan

    with Held() as held:
        report = held.run(probed(job, scan))
        if held.code:
            report = replace(report, exit_code=held.code)
        if job.proof:
            report = proved_by(report, job.proof)
        write(report, outputs, color=job.color, verbose=job.verbose, packs=job.packs)
    return report.exit_code


async def probed(job: Job, errand: Errand[T]) -> T:
    """Reads what the job names and runs an errand with an open wire: a scan, or collecting for a bundle."""
    from sessiondoctor.cli.documents.ahead import load_ahead
    from sessiondoctor.cli.documents.output import destinations
    from sessiondoctor.pipeline.outing import sent_out

    async def shown(order: Order, wire: Wire) -> T:
        return await _probe(job, order, wire, errand)

    order = order_of(job)
    # As soon as the first request is on its way: what follows it is loaded while its answer is.
    asyncio.get_running_loop().call_soon(load_ahead, order, destinations(job.formats, job.output))
    return await sent_out(order, shown)


async def _probe(job: Job, order: Order, wire: Wire, errand: Errand[T]) -> T:
    from sessiondoctor.cli.shown.progress import progress

    with progress(quiet=job.quiet) as shown:
        return await errand(order, wire, shown)


def _rehearse(job: Job) -> int:
    from sessiondoctor.cli.documents.output import show
    from sessiondoctor.cli.shown.rehearsed import rehearse

    text, code = asyncio.run(probed(job, rehearse))
    show(text)
    return code


def _show_plan(order: Order) -> int:
    from sessiondoctor.cli.documents.output import show
    from sessiondoctor.cli.shown.planned import plan_text

    show(plan_text(order))
    return 0
