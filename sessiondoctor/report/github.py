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
    yield from (_diagnosis(diagnosis, report) for diagnosis in report.stated)
    if wording.is_untold(report):
        at = _at(None, "", report)
        yield f"::error {at}title={_property(wording.headline(report))}::{_data(wording.answer(report))}"
    yield from (_finding(finding, report) for finding in report.findings if finding.status is Status.FAIL)
    for reason in wording.unseen(report):
        yield f"::notice title=not looked at::{_data(reason)}"
    yield from (f"::notice title=sessiondoctor::{_data(line)}" for line in wording.remarks(report))
    yield f"::notice title=sessiondoctor::{_data(wording.headline(report))}: {_data(wording.tally(report))}"


def _diagnosis(diagnosis: Diagnosis, report: Report) -> str:
    place = f" on {', '.join(diagnosis.where)}" if diagnosis.where else ""
    text = f"{diagnosis.title}{place}, {wording.percent(diagnosis.probability)}. {diagnosis.solution.summary}"
    at = _at(wording.place_of(diagnosis), diagnosis.where[0] if diagnosis.where else "", report)
    level = _level(diagnosis.severity, diagnosis.cause, report)
    return f"::{level} {at}title={_property(diagnosis.cause)}::{_data(text)}"


def _finding(finding: Finding, report: Report) -> str:
    at = _at(finding.at, finding.subject, report)
    place = "" if finding.subject == "site" else f"{finding.subject}: "
    level = _level(finding.severity, finding.fingerprint, report)
    return f"::{level} {at}title={_property(finding.check)}::{_data(place + finding.summary)}"


def _level(severity: Severity, key: str, report: Report) -> str:
    """A baseline's own are notices."""
    return "notice" if wording.is_accepted(report, key) else _LEVELS[severity]


def _at(at: Location | None, subject: str, report: Report) -> str:
    """The line that shows it, else the line of the topology that declares its subject, else nothing."""
    if at:
        return f"file={_property(at.file)},line={max(at.line, 1)},"
    lines = {part.name: part.line for part in report.parts if part.line}
    line = lines.get(subject) or lines.get("site")
    return f"file={_property(report.target)},line={line}," if line else ""


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
