"""An earlier JSON report as the state of things that is known and accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import UsageError
from sessiondoctor.model import Confidence, Finding, Severity, Status
from sessiondoctor.outcome.baseline import Baseline, nothing, read_baseline
from sessiondoctor.report import Style, render
from tests.fakes.reports import a_diagnosis, a_report

if TYPE_CHECKING:
    from pathlib import Path


def finding(status: Status, fingerprint: str) -> Finding:
    """A finding of which only status and fingerprint matter."""
    return Finding("lost", "store", status, Severity.HIGH, Confidence.FIRM, "site", "lost", fingerprint=fingerprint)


def test_what_a_report_states_and_what_failed_in_it_is_known(tmp_path: Path) -> None:
    """An ordinary report is the baseline. What had no answer is not known."""
    findings = tuple(finding(status, status.value) for status in Status)
    file = tmp_path / "old.json"
    file.write_text(render(a_report(diagnosis=(a_diagnosis("clock-skew"),), findings=findings), "json", Style()))
    assert read_baseline(file) == Baseline(frozenset({"clock-skew"}), frozenset({"fail"}), str(file))


def test_without_one_nothing_is_known() -> None:
    """Everything counts."""
    assert nothing() == Baseline(frozenset(), frozenset())


@pytest.mark.parametrize("text", ["", "{}", "[]", "no json", '{"schema": "sessiondoctor-report/1"}', "\x00"])
def test_what_is_no_report_is_refused(tmp_path: Path, text: str) -> None:
    """An unreadable baseline that accepts nothing, or everything, would be worse."""
    file = tmp_path / "old.json"
    file.write_text(text)
    with pytest.raises(UsageError, match="not a report of schema sessiondoctor-report/1") as caught:
        read_baseline(file)
    assert str(caught.value).startswith(str(file))


def test_a_report_of_another_schema_is_refused(tmp_path: Path) -> None:
    """Its words may mean something else."""
    file = tmp_path / "old.json"
    file.write_text(render(a_report(schema="sessiondoctor-report/9"), "json", Style()))
    with pytest.raises(UsageError, match="its schema is 'sessiondoctor-report/9'"):
        read_baseline(file)


def test_a_baseline_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """With its name."""
    with pytest.raises(UsageError, match=r"old\.json: cannot read the report: No such file"):
        read_baseline(tmp_path / "old.json")
