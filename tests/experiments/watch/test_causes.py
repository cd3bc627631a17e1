from __future__ import annotations

from dataclasses import replace
from typing import Any

from sessiondoctor.experiments.watch.causes import UNEXPLAINED, compare
from sessiondoctor.experiments.watch.memory import MOST_FAILING, Memory
from sessiondoctor.model import Confidence, Finding, Outcome, Report, Severity, Status
from tests.fakes.reports import a_diagnosis, a_report
from tests.fakes.watched import START, told


def scans(*reports: Report, memory: Memory | None = None) -> list[list[tuple[str, str]]]:
    """What each says that the one before did not."""
    known = memory or Memory("shop")
    return [told(compare(known, report, START + number)) for number, report in enumerate(reports)]


def stating(*causes: str, **changes: Any) -> Report:
    """A report that states these."""
    stated = tuple(a_diagnosis(cause, **changes) for cause in causes)
    return a_report(diagnosis=stated, verdict=Outcome.FAULT_FOUND, counts=causes)


def finding(status: Status, check: str = "replay-lost-elsewhere", **changes: Any) -> Finding:
    """A check's answer."""
    usual = Finding(check, "store", status, Severity.HIGH, Confidence.FIRM, "site", "It fails.", fingerprint=check)
    return replace(usual, **changes)


def test_a_cause_comes_spreads_and_goes() -> None:
    """Each is a line; what stays is none."""
    fault = stating("clock-skew")
    assert scans(fault, fault, stating("clock-skew", where=("app2", "app3")), a_report(), a_report()) == [
        [("cause-new", "clock-skew")], [], [("cause-worse", "clock-skew")], [("cause-gone", "clock-skew")], [],
    ]  # fmt: skip


def test_a_scan_that_could_not_look_ends_nothing() -> None:
    """Neither one without access nor one that was cut short."""
    unseen = a_report(verdict=Outcome.NOT_ENOUGH_ACCESS)
    cut = a_report(complete=False)
    memory = Memory("shop")
    changes = scans(stating("clock-skew"), unseen, cut, a_report(exit_code=3), memory=memory)
    assert changes == [
        [("cause-new", "clock-skew")], [("could-not-look", "scan")], [], [("cause-gone", "clock-skew")],
    ]  # fmt: skip
    assert dict(memory.totals("failed_looks")) == {("scan",): 3.0}
    assert scans(a_report(), memory=memory) == [[("looked-again", "scan")]]


def test_a_loss_without_a_stated_cause() -> None:
    """One entry, whatever the candidates are this time."""
    one = stating("clock-skew", "store-eviction", probability=0.3)
    other = stating("lb-no-affinity", probability=0.4)
    assert scans(one, other, a_report()) == [[("cause-new", UNEXPLAINED)], [], [("cause-gone", UNEXPLAINED)]]


def test_checks_that_fail_and_pass() -> None:
    """Not those of the first scan; over after two scans without a failure that had an answer."""
    fails, passes = a_report(findings=(finding(Status.FAIL),)), a_report(findings=(finding(Status.PASS),))
    unanswered = a_report(findings=(finding(Status.INCONCLUSIVE),))
    assert scans(a_report(), fails, fails, passes, unanswered, passes) == [
        [], [("check-fails", "replay-lost-elsewhere")], [], [], [], [("check-passes", "replay-lost-elsewhere")],
    ]  # fmt: skip
    assert scans(fails, passes, fails, passes, passes) == [[], [], [], [], [("check-passes", "replay-lost-elsewhere")]]


def test_a_weak_finding_is_no_line() -> None:
    """It may be another one next time."""
    weak = a_report(findings=(finding(Status.FAIL, confidence=Confidence.TENTATIVE),))
    assert scans(a_report(), weak) == [[], []]
    hygiene = a_report(findings=(finding(Status.FAIL, severity=Severity.LOW),))
    assert scans(a_report(), hygiene) == [[], []]


def test_failing_checks_are_bounded() -> None:
    """However many a report has."""
    memory = Memory("shop")
    many = tuple(finding(Status.FAIL, f"check-{number}") for number in range(2 * MOST_FAILING))
    scans(a_report(), a_report(findings=many), memory=memory)
    assert len(memory.failing) == MOST_FAILING
