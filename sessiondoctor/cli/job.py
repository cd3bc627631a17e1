"""What `scan` and `check` have in common: from the words of the command line to a written report and an exit code."""

from __future__ import annotations

import asyncio
import importlib
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from sessiondoctor.cli.options import Allow, CensusKind, Color, FailOn, catalogue_of
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sessiondoctor.catalogue.loader import Catalogue, Check
    from sessiondoctor.model import Report
    from sessiondoctor.pipeline.scan import Order
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.wire.route import Lookup


@dataclass(frozen=True, slots=True)
class Job:
    """One run, as the command line has it."""

    target: str | None
    formats: tuple[str, ...] = ()
    output: Path | None = None
    fail_on: FailOn = FailOn.HIGH
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    baseline: Path | None = None
    symptoms: tuple[str, ...] = ()
    requests: int | None = None
    rate: float | None = None
    timeout_s: float = 10.0
    deadline_s: float = 90.0
    allow: Allow = Allow.OBSERVE
    census: CensusKind = CensusKind.SAMPLE
    packs: tuple[Path, ...] = ()
    plan_only: bool = False
    allow_inconclusive: bool = False
    color: Color = Color.AUTO
    verbose: bool = False
    quiet: bool = False


def run(job: Job) -> int:
    """Does the job; returns the exit code."""
    from sessiondoctor.cli.output import destinations, write

    outputs = destinations(job.formats, job.output)
    if job.plan_only:
        return _show_plan(order_of(job))
    report = asyncio.run(_scan(job))
    write(report, outputs, color=job.color, verbose=job.verbose)
    return report.exit_code


async def _scan(job: Job) -> Report:
    from sessiondoctor.probes.network.names import site_lookup

    started = time.monotonic()
    order = order_of(job)
    async with _wire(job, order.topology.site.resolve, site_lookup(order.topology)) as wire:
        return await _probe(job, replace(order, started=started), wire)


async def _probe(job: Job, order: Order, wire: Wire) -> Report:
    from sessiondoctor.cli.progress import progress
    from sessiondoctor.pipeline.scan import scan

    ahead = asyncio.get_running_loop().run_in_executor(None, _load_ahead, order, job.formats)
    ahead.add_done_callback(lambda done: done.exception())  # what fails here fails again where it is needed
    with progress(quiet=job.quiet) as shown:
        return await scan(order, wire, shown)


def _load_ahead(order: Order, formats: tuple[str, ...]) -> None:
    """Loads what comes after the probes while they wait for answers: the cause pages, and rich for the text report."""
    assert order.catalogue.causes
    if not formats:
        importlib.import_module("sessiondoctor.report.terminal")


def _wire(job: Job, resolve: Mapping[str, tuple[str, ...]], lookup: Lookup | None) -> Wire:
    return Wire(limits=Limits(total_s=job.timeout_s), pace=Pace(job.rate), resolve=resolve, lookup=lookup)


def order_of(job: Job) -> Order:
    """Reads topology, catalogue and baseline; every mistake in them is an error here."""
    import os

    from sessiondoctor.context import Options
    from sessiondoctor.model import Severity
    from sessiondoctor.outcome.baseline import nothing, read_baseline
    from sessiondoctor.pipeline.scan import Order
    from sessiondoctor.topology.target import read_target

    topology = read_target(job.target, os.environ)
    catalogue = catalogue_of(job.packs)
    checks = _chosen(catalogue, job)
    if job.packs:
        _ = catalogue.causes  # read now: a mistake in a user's page is said before anything is contacted
    return Order(
        topology=_with_symptoms(topology, job.symptoms),
        catalogue=catalogue,
        checks=checks,
        options=Options(job.requests, job.rate, job.timeout_s, job.deadline_s, job.allow.value, job.census.value),
        asked=frozenset(check.id for check in checks) if job.select else frozenset(),
        fail_on=None if job.fail_on is FailOn.NEVER else Severity(job.fail_on),
        baseline=read_baseline(job.baseline) if job.baseline else nothing(),
        allow_inconclusive=job.allow_inconclusive,
    )


def _chosen(catalogue: Catalogue, job: Job) -> tuple[Check, ...]:
    checks = catalogue.select(job.select) if job.select else tuple(catalogue.checks.values())
    ignored = {check.id for check in catalogue.select(job.ignore)}
    return tuple(check for check in checks if check.id not in ignored)


def _with_symptoms(topology: Topology, words: tuple[str, ...]) -> Topology:
    from sessiondoctor.catalogue.loader import did_you_mean
    from sessiondoctor.errors import UsageError
    from sessiondoctor.topology.model import Symptom

    known: tuple[Symptom, ...] = get_args(Symptom)
    for word in words:
        if word not in known:
            raise UsageError(f"--symptom {word}: expected one of {', '.join(known)}{did_you_mean(word, known)}")
    added = (symptom for symptom in known if symptom in words)
    return replace(topology, symptoms=tuple(dict.fromkeys((*topology.symptoms, *added))))


def _show_plan(order: Order) -> int:
    from sessiondoctor.cli.output import show
    from sessiondoctor.cli.planned import plan_text

    show(plan_text(order.plan(), order.topology, order.options))
    return 0
