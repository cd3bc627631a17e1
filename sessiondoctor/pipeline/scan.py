"""The main job: topology in, report out."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sessiondoctor import __version__
from sessiondoctor.catalogue.check_files import Check
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.catalogue.signature_checks import checks_of, found_in, with_lines
from sessiondoctor.context import Context, Options
from sessiondoctor.diagnosis.opinion import Opinion, diagnose, without_diagnosis
from sessiondoctor.diagnosis.scene import Scene
from sessiondoctor.evidence.entry.acquaintance import Acquaintance
from sessiondoctor.model import SCHEMA, Finding, Report, Severity, Tool
from sessiondoctor.outcome.baseline import Baseline, nothing
from sessiondoctor.outcome.clock_table import clock_table
from sessiondoctor.outcome.exit_code import accepted, counted, exit_code
from sessiondoctor.outcome.limits import limits_of
from sessiondoctor.outcome.log_summaries import log_summaries
from sessiondoctor.outcome.parts import parts_of
from sessiondoctor.outcome.timeline import strips_of
from sessiondoctor.pipeline.acquaintance import product_of, site_seen, with_acquaintance
from sessiondoctor.pipeline.deployed import as_deployed, with_configs
from sessiondoctor.pipeline.hints import stack_hints, topology_of
from sessiondoctor.pipeline.judge import Judged, judge_all
from sessiondoctor.pipeline.plan import Plan, make_plan
from sessiondoctor.pipeline.silenced import heeded
from sessiondoctor.probes.configs.files import declared_files
from sessiondoctor.redact import Redactor, scrubbed
from sessiondoctor.topology.confidential import names_of_nodes, public_words, secrets_of
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.wire.client import Wire


_REPORT_S = 0.5  # of the deadline, for judging and writing
_REPORT_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Order:
    """What the user wants of a scan.

    Attributes:
        asked: ids of checks that were asked for by name or family; their silence changes the exit code.
        named: what was asked for by its own name; then it must apply as well.
        checks_only: nothing but what came of these checks is to be said.
        fail_on: the least severity that makes the exit code 1; None never does.
        baseline: what an earlier report has already, which does not change the exit code.
        started: `time.monotonic()` when the program started, for the duration in the report.
        files: what `judge` was given in place of a site, as the user named it; empty for a scan.
        acquaintance: what the site looks like at first sight; None if nobody looked.
    """

    topology: Topology
    catalogue: Catalogue
    checks: tuple[Check, ...]
    options: Options = field(default_factory=Options)
    asked: tuple[str, ...] = ()
    named: frozenset[str] = frozenset()
    checks_only: bool = False
    fail_on: Severity | None = Severity.HIGH
    baseline: Baseline = field(default_factory=nothing)
    allow_inconclusive: bool = False
    started: float = field(default_factory=time.monotonic)
    files: tuple[str, ...] = ()
    acquaintance: Acquaintance | None = None

    @property
    def target(self) -> str:
        """What the report is about."""
        return self.topology.target or " ".join(self.files)

    def plan(self) -> Plan:
        """What would be asked."""
        return make_plan(self.checks, self.topology, self.options)


async def scan(order: Order, wire: Wire, progress: Progress) -> Report:
    """Probes, judges, diagnoses. An interrupt or the deadline still gives a report, marked incomplete."""
    started_at = datetime.now(tz=UTC)
    gathered, redactor = await gather(order, wire, progress)
    return report(order, gathered, redactor, started_at)


async def gather(order: Order, wire: Wire, progress: Progress) -> tuple[Gathered, Redactor]:
    """All evidence, as it came, and what knows the secrets in it."""
    from sessiondoctor.pipeline.collect import collect

    redactor = redactor_of(order.topology, os.environ)
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
    requests = strips_of(gathered)
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


def redactor_of(topology: Topology, environ: Mapping[str, str]) -> Redactor:
    """A redactor that knows what the topology declares: its secrets, and the names that are none."""
    redactor = Redactor(public_words(topology), names_of_nodes(topology))
    for name, value in secrets_of(topology, environ):
        redactor.tell(value, name)
    return redactor


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
