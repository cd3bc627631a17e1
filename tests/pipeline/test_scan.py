"""The main job: topology in, report out; here with probes that ask nobody."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.api import Fine, Problem
from sessiondoctor.catalogue.check_files import Need
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.cli.shown.progress import Silent
from sessiondoctor.context import Context, Options
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.network.names import Answer, Names
from sessiondoctor.model import Outcome, Severity, Status
from sessiondoctor.pipeline.order import Order
from sessiondoctor.pipeline.scan import report, scan
from sessiondoctor.probes.contract import Probe
from sessiondoctor.redact import Redactor, scrubbed
from sessiondoctor.topology.model import bare
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace
from tests.diagnosis.build import check

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from sessiondoctor.catalogue.check_files import Check
    from sessiondoctor.model import Report

SECRET = "s%3AhJ7yQ9.zzTopSecret"
NEED = Need("names", Names, many=False, optional=False)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def order(folder: Path, *checks: Check, **changes: Any) -> Order:
    """A scan of a site with these checks and no causes."""
    return Order(bare("https://shop.test/"), Catalogue((folder,)), checks, **changes)


def judged(folder: Path, *checks: Check, redactor: Redactor | None = None) -> Report:
    """The report of these checks over no evidence."""
    return report(order(folder, *checks), Gathered(()), redactor or Redactor(), NOON)


def says(id_: str, *verdicts: Any, **changes: Any) -> Check:
    """A check that yields these."""
    return check(id_, judge=lambda **_evidence: iter(verdicts), **changes)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Context], Awaitable[Any]]], None]:
    """Puts a function in the place of the probe of names."""

    def install(ask: Callable[[Context], Awaitable[Any]]) -> None:
        stand_in: Any = ModuleType("sessiondoctor.probes.network.names")
        stand_in.plan = lambda _topology, _options: iter([Probe(Names, "site", "asks", {}, ask)])
        monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)

    return install


def scanned(of: Order) -> Report:
    """Runs a scan."""

    async def run() -> Report:
        async with Wire(limits=Limits(), pace=Pace()) as wire:
            return await scan(of, wire, Silent())

    return asyncio.run(run())


def test_a_scan_probes_judges_and_reports(tmp_path: Path, asked: Callable[..., None]) -> None:
    """Evidence reaches the check, its answer the report."""

    async def ask(_context: Context) -> Names:
        return Names("shop.test", (Answer("system", ("10.0.0.1",), ()),))

    asked(ask)
    found = scanned(order(tmp_path, check("named", needs=(NEED,), judge=lambda names: iter([Fine(names.name)]))))
    (finding,) = found.findings
    assert (finding.status, finding.summary) == (Status.PASS, "shop.test")
    assert (found.schema, found.target, found.complete) == ("sessiondoctor-report/1", "https://shop.test/", True)


def test_the_deadline_makes_a_report_incomplete(tmp_path: Path, asked: Callable[..., None]) -> None:
    """And what was asked for by name is then unanswered: exit code 3."""

    async def ask(_context: Context) -> None:
        await asyncio.sleep(5)

    asked(ask)
    found = scanned(order(tmp_path, check("named", needs=(NEED,)), options=Options(deadline_s=0.05)))
    assert [finding.status for finding in found.findings] == [Status.SKIPPED]
    assert (found.complete, found.exit_code) == (False, 3)


def test_a_secret_that_a_probe_saw_is_in_no_report(tmp_path: Path, asked: Callable[..., None]) -> None:
    """Not even where a check or a crash repeats it: neither in a text, nor a key, nor a trace."""

    async def ask(context: Context) -> Names:
        context.redactor.token(SECRET)
        return Names(f"cookie {SECRET}", (Answer("system", ("10.0.0.1",), ()),))

    def careless(names: Names) -> Any:
        yield Problem(names.name, names.name, (names.name,), {names.name: [{"deep": (names.name,)}]})

    def crashing(names: Names) -> Any:
        raise ValueError(names.name)

    asked(ask)
    checks = (check("careless", needs=(NEED,), judge=careless), check("crashing", needs=(NEED,), judge=crashing))
    found = scanned(order(tmp_path, *checks))
    assert {finding.status for finding in found.findings} == {Status.FAIL, Status.ERROR}
    assert SECRET not in repr(found)
    assert "cookie sid:" in found.findings[0].summary


def test_findings_come_worst_first(tmp_path: Path) -> None:
    """Failures, what has no answer, passes; by severity, family, id and subject: the same for the same answers."""
    checks = (
        says("b-low", Problem("x"), severity=Severity.LOW),
        says("c-fine", Fine()),
        says("b-two", Problem("x", "n2"), Problem("x", "n1")),
        says("a-two", Problem("x")),
        check("d-unseen", needs=(NEED,)),
    )
    expected = ["a-two site", "b-two n1", "b-two n2", "b-low site", "d-unseen site", "c-fine site"]
    for run in (checks, tuple(reversed(checks))):
        assert [f"{finding.check} {finding.subject}" for finding in judged(tmp_path, *run).findings] == expected


def test_the_report_says_when_and_with_what(tmp_path: Path) -> None:
    """Times with a zone; the version of the tool."""
    found = judged(tmp_path)
    assert found.started_at == "2026-01-01T12:00:00+00:00"
    assert (found.tool.name, found.verdict) == ("sessiondoctor", Outcome.NOT_ENOUGH_ACCESS)
    assert found.duration_s >= 0


@dataclass(frozen=True, slots=True)
class Box:
    """Data of many shapes."""

    text: str
    number: float
    many: tuple[Any, ...] = ()
    by_name: dict[str, Any] = field(default_factory=dict)


def test_scrubbing_keeps_the_shape() -> None:
    """Only texts change; enumerations, numbers and None stay what they are."""
    redactor = Redactor()
    token = redactor.token(SECRET)
    box = Box(SECRET, 1.5, (Status.FAIL, None, True, [SECRET]), {SECRET: Box("x", 0)})
    assert scrubbed(box, redactor) == Box(token, 1.5, (Status.FAIL, None, True, [token]), {token: Box("x", 0)})
    assert isinstance(scrubbed(Status.FAIL, redactor), Status)


def test_pieces_without_a_probe_are_not_lost(tmp_path: Path) -> None:
    """Judging elsewhere gives what judging here gives."""
    gathered = Gathered((Piece(Names, "site", unavailable="no answer"),))
    found = report(order(tmp_path, check("named", needs=(NEED,))), gathered, Redactor(), NOON)
    assert [finding.reason for finding in found.findings] == ["no answer"]
    assert found.exit_code == 3
