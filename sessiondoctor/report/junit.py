"""JUnit XML for pipelines: one test case a finding, one suite a family; "could not look" is skipped, never passed.

Format: the `testsuites` element that Jenkins and GitLab read (https://github.com/testmoapp/junitxml).
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from sessiondoctor.model import Finding, Outcome, Report, Status
from sessiondoctor.report import wording
from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.report import Style


def render(report: Report, _style: Style) -> str:
    """The diagnosis comes first, as a suite of its own."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: Report) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f"<testsuites name={_attribute(f'sessiondoctor {report.target}')} time={_attribute(report.duration_s)}>"
    if not report.asked:
        yield from _diagnosis(report)
    by_family = sorted(report.findings, key=lambda finding: finding.family)
    for family, findings in groupby(by_family, key=lambda finding: finding.family):
        yield from _suite(family, list(findings))
    yield "</testsuites>"


def _diagnosis(report: Report) -> Iterator[str]:
    """A case for each stated cause; where none is, one that says the same as the headline of every other format."""
    untold, count = wording.is_untold(report), len(report.stated)
    yield f'  <testsuite name="diagnosis" tests="{max(count, 1)}" failures="{count or int(untold)}">'
    if untold:
        yield '    <testcase classname="diagnosis" name="cause-not-told">'
        yield f"      <failure message={_attribute(wording.headline(report))}>{_text(wording.answer(report))}</failure>"
        yield "    </testcase>"
    elif not count:
        name, told = _attribute(report.verdict), _attribute(wording.headline(report))
        skipped = f"<skipped message={told}/>" if report.verdict is Outcome.NOT_ENOUGH_ACCESS else ""
        yield f'    <testcase classname="diagnosis" name={name}>{skipped}</testcase>'
    for diagnosis in report.stated:
        place = f" on {', '.join(diagnosis.where)}" if diagnosis.where else ""
        message = f"{diagnosis.title}{place} ({diagnosis.probability:.2f})"
        yield f'    <testcase classname="diagnosis" name={_attribute(diagnosis.cause)}>'
        yield f"      <failure message={_attribute(message)}>{_text(diagnosis.solution.summary)}</failure>"
        yield "    </testcase>"
    yield "  </testsuite>"


def _suite(family: str, findings: list[Finding]) -> Iterator[str]:
    counts = {
        "tests": len(findings),
        "failures": _count(findings, {Status.FAIL}),
        "errors": _count(findings, {Status.ERROR}),
        "skipped": _count(findings, {Status.INCONCLUSIVE, Status.SKIPPED, Status.NOT_APPLICABLE}),
    }
    figures = " ".join(f'{name}="{count}"' for name, count in counts.items())
    yield f"  <testsuite name={_attribute(family)} {figures}>"
    for finding in findings:
        yield from _case(finding)
    yield "  </testsuite>"


def _case(finding: Finding) -> Iterator[str]:
    name = finding.check if finding.subject == "site" else f"{finding.check} ({finding.subject})"
    head = f"    <testcase classname={_attribute(finding.family)} name={_attribute(name)}"
    outcome = _outcome(finding)
    yield f"{head}>{outcome}</testcase>" if outcome else f"{head}/>"


def _outcome(finding: Finding) -> str:
    if finding.status is Status.PASS:
        return ""
    if finding.status is Status.FAIL:
        return f"<failure type={_attribute(finding.severity)} message={_attribute(finding.summary)}/>"
    if finding.status is Status.ERROR:
        return f"<error message={_attribute(finding.reason)}/>"
    return f"<skipped message={_attribute(f'{finding.status}: {finding.reason}')}/>"


def _count(findings: Iterable[Finding], statuses: set[Status]) -> int:
    return sum(finding.status in statuses for finding in findings)


def _attribute(value: object) -> str:
    return quoteattr(one_line(str(value)))


def _text(value: str) -> str:
    return escape(one_line(value))
