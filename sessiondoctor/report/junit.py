"""JUnit XML for pipelines: one test case a finding, one suite a family; "could not look" is skipped, never passed.

What the exit code counts is a failure. What fails and does not count, because it is advice, below `--fail-on`, evidence
of a cause that stands as a failure itself, or known to the baseline, is skipped, and says so.

Format: the `testsuites` element that Jenkins and GitLab read (https://github.com/testmoapp/junitxml).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from sessiondoctor.model import Finding, Outcome, Report, Status
from sessiondoctor.report import wording
from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.model import Diagnosis
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
        yield from _suite(family, [_Case(finding, report) for finding in findings])
    yield "</testsuites>"


def _diagnosis(report: Report) -> Iterator[str]:
    """A case for each stated cause; where none is, one that says the same as the headline of every other format."""
    cases = [*map(partial(_cause, report), report.stated)] or [_verdict(report)]
    failures, skipped = (sum(part in case for case in cases) for part in ("<failure", "<skipped"))
    yield f'  <testsuite name="diagnosis" tests="{len(cases)}" failures="{failures}" errors="0" skipped="{skipped}">'
    yield from cases
    remarks = " ".join(wording.remarks(report))
    yield f"    <system-out>{_text(remarks)}</system-out>" if remarks else ""
    yield "  </testsuite>"


def _cause(report: Report, diagnosis: Diagnosis) -> str:
    place = f" on {', '.join(diagnosis.where)}" if diagnosis.where else ""
    message = f"{diagnosis.title}{place} ({wording.percent(diagnosis.probability)})"
    if wording.counts(report, diagnosis.cause):
        outcome = f"<failure message={_attribute(message)}>{_text(diagnosis.solution.summary)}</failure>"
    else:
        outcome = f"<skipped message={_attribute(f'does not count: {message}')}/>"
    return f'    <testcase classname="diagnosis" name={_attribute(diagnosis.cause)}>{outcome}</testcase>'


def _verdict(report: Report) -> str:
    """Where no cause is stated."""
    told = _attribute(wording.headline(report))
    name, outcome = report.verdict.value, ""
    if wording.is_untold(report):
        name, outcome = (
            "cause-not-told",
            f"<skipped message={_attribute('does not count: ' + wording.answer(report))}/>",
        )
        if not report.candidates or any(wording.counts(report, one.cause) for one in report.candidates):
            outcome = f"<failure message={told}>{_text(wording.answer(report))}</failure>"
    elif report.verdict is Outcome.NOT_ENOUGH_ACCESS:
        outcome = f"<skipped message={told}/>"
    return f'    <testcase classname="diagnosis" name={_attribute(name)}>{outcome}</testcase>'


@dataclass(frozen=True, slots=True)
class _Case:
    """One finding, as a test case."""

    finding: Finding
    report: Report

    @property
    def fails(self) -> bool:
        """Whether it makes the exit code 1."""
        return self.finding.status is Status.FAIL and wording.counts(self.report, self.finding.fingerprint)

    @property
    def skipped(self) -> bool:
        """Whether it neither passes, nor fails, nor ends in an error."""
        return not self.fails and self.finding.status not in {Status.PASS, Status.ERROR}


def _suite(family: str, cases: list[_Case]) -> Iterator[str]:
    counts = {
        "tests": len(cases),
        "failures": sum(case.fails for case in cases),
        "errors": sum(case.finding.status is Status.ERROR for case in cases),
        "skipped": sum(case.skipped for case in cases),
    }
    figures = " ".join(f'{name}="{count}"' for name, count in counts.items())
    yield f"  <testsuite name={_attribute(family)} {figures}>"
    yield from map(_case, cases)
    yield "  </testsuite>"


def _case(case: _Case) -> str:
    finding = case.finding
    name = finding.check if finding.subject == "site" else f"{finding.check} ({finding.subject})"
    head = f"    <testcase classname={_attribute(finding.family)} name={_attribute(name)}"
    outcome = _outcome(case)
    return f"{head}>{outcome}</testcase>" if outcome else f"{head}/>"


def _outcome(case: _Case) -> str:
    finding = case.finding
    if finding.status is Status.PASS:
        return ""
    if case.fails:
        return f"<failure type={_attribute(finding.severity)} message={_attribute(finding.summary)}/>"
    if finding.status is Status.ERROR:
        return f"<error message={_attribute(finding.reason)}/>"
    told = (
        f"does not count: {finding.summary}" if finding.status is Status.FAIL else f"{finding.status}: {finding.reason}"
    )
    return f"<skipped message={_attribute(told)}/>"


def _attribute(value: object) -> str:
    return quoteattr(one_line(str(value)))


def _text(value: str) -> str:
    return escape(one_line(value))
