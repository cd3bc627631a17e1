"""The main job: topology in, report out."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sessiondoctor import __version__
from sessiondoctor.catalogue.signature_checks import checks_of, found_in, with_lines
from sessiondoctor.context import Context
from sessiondoctor.diagnosis.opinion import diagnose, without_diagnosis
from sessiondoctor.diagnosis.scene import Scene
from sessiondoctor.model import SCHEMA, Report, Tool
from sessiondoctor.outcome.client_histories import histories_of
from sessiondoctor.outcome.clock_table import clock_table
from sessiondoctor.outcome.exit_code import accepted, counted, exit_code
from sessiondoctor.outcome.limits import limits_of
from sessiondoctor.outcome.log_summaries import log_summaries
from sessiondoctor.outcome.parts import parts_of
from sessiondoctor.pipeline.acquaintance import product_of, site_seen, with_acquaintance
from sessiondoctor.pipeline.deployed import as_deployed, with_configs
from sessiondoctor.pipeline.hints import stack_hints, topology_of
from sessiondoctor.pipeline.judge import judge_all
from sessiondoctor.pipeline.order import redactor_of
from sessiondoctor.pipeline.silenced import heeded
from sessiondoctor.probes.configs.files import declared_files
from sessiondoctor.redact import scrubbed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.diagnosis.opinion import Opinion
    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.model import Finding
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.pipeline.judge import Judged
    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.redact import Redactor
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.wire.client import Wire


_REPORT_S = 0.5  # of the deadline, for judging and writing
_REPORT_SHARE = 0.1


async def scan(order: Order, wire: Wire, progress: Progress) -> Report:
    """Probes, judges, diagnoses. An interrupt or the deadline still gives a report, marked incomplete."""
    started_at = datetime.now(tz=UTC)
    gathered, redactor = await gather(order, wire, progress)
    return report(order, gathered, redactor, started_at)


async def gather(order: Order, wire: Wire, progress: Progress) -> tuple[Gathered, Redactor]:
    """All evidence, as it came, and what knows the secrets in it."""
    from sessiondoctor.pipeline.collect import collect

    left = order.options.left
    redactor = redactor_of(order.topology, os.environ, left.key if left else b"")
    order = replace(order, topology=_with_files(order.topology, redactor))
    context = Context(order.topology, order.options, wire, redactor, _nothing_yet, os.environ)
    plan = order.plan()
    spent_s = time.monotonic() - order.started + min(_REPORT_S, _REPORT_SHARE * order.options.deadline_s)
    gathered = await collect(plan, context, progress, spent_s=spent_s)
    return with_acquaintance(gathered, order.acquaintance), redactor


def _with_files(topology: Topology, redactor: Redactor) -> Topology:
    """The topology with what its files say; where one cannot be read, the probe of configuration says why."""
    files = tuple(declared_files(topology))
    if not files:
        return topology
    from sessiondoctor.configs.files import read_files

    try:
        return with_configs(topology, read_files([(owner, Path(file)) for owner, file in files], redactor.fingerprint))
    except OSError:
        return topology


def report(order: Order, gathered: Gathered, redactor: Redactor, started_at: datetime) -> Report:
    """Judges evidence, whenever and wherever it was gathered.

    It is scrubbed before: what is made of it can be told from the words of checks and pages, which stay as they are.
    """
    gathered = scrubbed(gathered, redactor)
    order = replace(order, topology=as_deployed(order.topology, gathered))
    lines = found_in(gathered, order.catalogue)
    causes = with_lines(order.catalogue.causes, lines)
    judged = heeded(judge_all((*order.checks, *checks_of(lines, causes)), gathered, order.topology), gathered)
    product = product_of(order.catalogue, order.topology, gathered)
    topology = topology_of(order.topology, product)
    scene = Scene(topology, gathered, stack_hints(order.topology, gathered, product), product)
    if order.checks_only:
        judged = tuple(one for one in judged if one.check.id in order.asked)
    opinion = without_diagnosis(judged) if order.checks_only else diagnose(judged, causes, scene)
    requests = histories_of(gathered)
    return Report(
        schema=SCHEMA,
        tool=Tool("sessiondoctor", __version__),
        target=order.target,
        scanned_url=order.topology.scanned_url,
        started_at=started_at.isoformat(timespec="seconds"),
        duration_s=round(time.monotonic() - order.started, 2),
        complete=not (gathered.interrupted or gathered.cut),
        exit_code=_exit_code(order, opinion, judged, gathered),
        verdict=opinion.verdict,
        diagnosis=opinion.diagnosis,
        differential=opinion.differential,
        advice=opinion.advice,
        findings=_sorted(one.finding for one in judged),
        next_steps=opinion.next_steps,
        headline=opinion.headline,
        in_common=opinion.in_common,
        requests=requests,
        clocks=clock_table(gathered, order.topology),
        logs=log_summaries(gathered),
        asked=order.asked if order.checks_only else (),
        parts=parts_of(order.topology, requests),
        counts=_counted(order, opinion, judged),
        accepted=accepted(opinion, judged, order.baseline),
        site=site_seen(gathered, product),
        limits=limits_of(gathered),
    )


def _exit_code(order: Order, opinion: Opinion, judged: tuple[Judged, ...], gathered: Gathered) -> int:
    return exit_code(
        opinion,
        judged,
        gathered,
        fail_on=order.fail_on,
        asked=order.asked,
        named=order.named,
        baseline=order.baseline,
        allow_inconclusive=order.allow_inconclusive,
        offline=bool(order.files),
    )


def _counted(order: Order, opinion: Opinion, judged: tuple[Judged, ...]) -> tuple[str, ...]:
    return counted(
        opinion,
        judged,
        fail_on=order.fail_on,
        asked=order.asked,
        baseline=order.baseline,
        offline=bool(order.files),
    )


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Failures first, worst first; the same for the same answers."""
    order = ("fail", "error", "inconclusive", "skipped", "pass", "not-applicable")
    return tuple(
        sorted(
            findings, key=lambda f: (order.index(f.status), f.severity.rank, f.family, f.check, f.subject, f.summary)
        )
    )


async def _nothing_yet(kind: type[Any]) -> Any:
    raise AssertionError(f"{kind} was asked for before the scan began")
