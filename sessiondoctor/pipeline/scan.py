"""The main job: topology in, report out."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from sessiondoctor import __version__
from sessiondoctor.catalogue.loader import Catalogue, Check
from sessiondoctor.context import Context, Options
from sessiondoctor.diagnosis.opinion import Opinion, diagnose
from sessiondoctor.diagnosis.preconditions import Scene
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.model import SCHEMA, Finding, Report, Severity, Tool
from sessiondoctor.outcome.baseline import Baseline, nothing
from sessiondoctor.outcome.clock_table import clock_table
from sessiondoctor.outcome.exit_code import exit_code
from sessiondoctor.outcome.timeline import strips_of
from sessiondoctor.pipeline.collect import Progress, collect
from sessiondoctor.pipeline.judge import Judged, judge_all
from sessiondoctor.pipeline.plan import Plan, make_plan
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.wire.client import Wire

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """What the user wants of a scan.

    Attributes:
        asked: ids of checks that were asked for by name; their silence changes the exit code.
        fail_on: the least severity that makes the exit code 1; None never does.
        baseline: what an earlier report has already, which does not change the exit code.
        started: `time.monotonic()` when the program started, for the duration in the report.
    """

    topology: Topology
    catalogue: Catalogue
    checks: tuple[Check, ...]
    options: Options = field(default_factory=Options)
    asked: frozenset[str] = frozenset()
    fail_on: Severity | None = Severity.HIGH
    baseline: Baseline = field(default_factory=nothing)
    allow_inconclusive: bool = False
    started: float = field(default_factory=time.monotonic)

    def plan(self) -> Plan:
        """What would be asked."""
        return make_plan(self.checks, self.topology, self.options)


async def scan(order: Order, wire: Wire, progress: Progress) -> Report:
    """Probes, judges, diagnoses. An interrupt or the deadline still gives a report, marked incomplete."""
    started_at = datetime.now(tz=UTC)
    redactor = Redactor()
    context = Context(order.topology, order.options, wire, redactor, _nothing_yet, os.environ)
    gathered = await collect(order.plan(), context, progress)
    return report(order, gathered, redactor, started_at)


def report(order: Order, gathered: Gathered, redactor: Redactor, started_at: datetime) -> Report:
    """Judges evidence, whenever and wherever it was gathered."""
    judged = judge_all(order.checks, gathered, order.topology)
    scene = Scene(order.topology, gathered, _stack(order.topology, gathered))
    opinion = diagnose(judged, order.catalogue.causes, scene)
    written = Report(
        schema=SCHEMA,
        tool=Tool("sessiondoctor", __version__),
        target=order.topology.file or order.topology.site.url,
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
        requests=strips_of(gathered),
        clocks=clock_table(gathered, order.topology),
    )
    return scrubbed(written, redactor)


def scrubbed(value: T, redactor: Redactor) -> T:
    """A copy of frozen data in which no text holds a value that the redactor knows."""
    clean: T = _scrubbed(value, redactor)
    return clean


def _scrubbed(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        clean = redactor.scrub(value)
        return value if clean == value else clean
    if isinstance(value, tuple | list):
        return type(value)(_scrubbed(item, redactor) for item in value)
    if isinstance(value, dict):
        return {_scrubbed(key, redactor): _scrubbed(item, redactor) for key, item in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return replace(
            value, **{name: _scrubbed(getattr(value, name), redactor) for name in value.__dataclass_fields__}
        )
    return value


def _exit_code(order: Order, opinion: Opinion, judged: tuple[Judged, ...], gathered: Gathered) -> int:
    return exit_code(
        opinion,
        judged,
        gathered,
        fail_on=order.fail_on,
        asked=order.asked,
        baseline=order.baseline,
        allow_inconclusive=order.allow_inconclusive,
    )


def _stack(topology: Topology, gathered: Gathered) -> str:
    seen = (piece.value.stack for piece in gathered.of(Visits) if piece.value)
    return topology.site.stack or next((stack for stack in seen if stack), "")


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
