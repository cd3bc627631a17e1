"""What `scan` and `check` have in common: from the words of the command line to a written report and an exit code."""

from __future__ import annotations

import asyncio
import importlib
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from sessiondoctor.cli.order import order_of
from sessiondoctor.cli.signals import Held

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sessiondoctor.cli.options import Job
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.pipeline.scan import Order
    from sessiondoctor.wire.client import Wire

T = TypeVar("T")
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
    from sessiondoctor.outcome.proof import proved_by
    from sessiondoctor.pipeline.scan import scan

    with Held() as held:
        report = asyncio.run(held.watch(probed(job, scan)))
        if held.code:
            report = replace(report, exit_code=held.code)
        if job.proof:
            report = proved_by(report, job.proof)
        write(report, outputs, color=job.color, verbose=job.verbose, packs=job.packs)
    return report.exit_code


async def probed(job: Job, errand: Errand[T]) -> T:
    """Reads what the job names and runs an errand with an open wire: a scan, or collecting for a bundle."""
    from sessiondoctor.pipeline.outing import sent_out

    async def shown(order: Order, wire: Wire) -> T:
        return await _probe(job, order, wire, errand)

    return await sent_out(order_of(job), shown)


async def _probe(job: Job, order: Order, wire: Wire, errand: Errand[T]) -> T:
    from sessiondoctor.cli.shown.progress import progress

    ahead = asyncio.get_running_loop().run_in_executor(None, _load_ahead, order, job.formats)
    ahead.add_done_callback(lambda done: done.exception())  # what fails here fails again where it is needed
    with progress(quiet=job.quiet) as shown:
        return await errand(order, wire, shown)


def _load_ahead(order: Order, formats: tuple[str, ...]) -> None:
    """Loads what comes after the probes while they wait for answers: the cause pages, and rich for the text report."""
    assert order.catalogue.causes
    if not formats:
        importlib.import_module("sessiondoctor.report.terminal")


def _rehearse(job: Job) -> int:
    from sessiondoctor.cli.output import show
    from sessiondoctor.cli.shown.rehearsed import rehearse

    text, code = asyncio.run(probed(job, rehearse))
    show(text)
    return code


def _show_plan(order: Order) -> int:
    from sessiondoctor.cli.output import show
    from sessiondoctor.cli.shown.planned import plan_text

    show(plan_text(order))
    return 0
