"""Workflow commands of GitHub Actions: annotations on the topology file's lines.

Format: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.model import Severity, Status
from sessiondoctor.report import wording
from sessiondoctor.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.location import Location
    from sessiondoctor.model import Diagnosis, Finding, Report
    from sessiondoctor.report import Style

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "notice"}


def render(report: Report, _style: Style) -> str:
    """One annotation for each stated cause and each failed finding, then the verdict."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield from (_diagnosis(diagnosis) for diagnosis in report.stated)
    if wording.is_untold(report):
        yield f"::error title={_property(wording.headline(report))}::{_data(wording.answer(report))}"
    yield from (_finding(finding) for finding in report.findings if finding.status is Status.FAIL)
    for reason in wording.unseen(report):
        yield f"::notice title=not looked at::{_data(reason)}"
    yield f"::notice title=sessiondoctor::{_data(wording.headline(report))}: {_data(wording.tally(report))}"


def _diagnosis(diagnosis: Diagnosis) -> str:
    place = f" on {', '.join(diagnosis.where)}" if diagnosis.where else ""
    text = f"{diagnosis.title}{place}, {wording.percent(diagnosis.probability)}. {diagnosis.solution.summary}"
    at = _at(wording.place_of(diagnosis))
    return f"::{_LEVELS[diagnosis.severity]} {at}title={_property(diagnosis.cause)}::{_data(text)}"


def _finding(finding: Finding) -> str:
    at = _at(finding.at)
    place = "" if finding.subject == "site" else f"{finding.subject}: "
    return f"::{_LEVELS[finding.severity]} {at}title={_property(finding.check)}::{_data(place + finding.summary)}"


def _at(at: Location | None) -> str:
    return f"file={_property(at.file)},line={max(at.line, 1)}," if at else ""


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
