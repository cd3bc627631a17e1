"""Words and groupings that several formats share."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sessiondoctor.model import Finding, Outcome, Report, Status
from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

HEADLINES = {
    Outcome.FAULT_FOUND: "Fault found",
    Outcome.NO_FAULT_FOUND: "No fault found",
    Outcome.NOT_ENOUGH_ACCESS: "Not enough access to tell",
}
EXPLANATIONS = {
    Outcome.FAULT_FOUND: "State was lost, and no known cause accounts for it; the findings say what was seen.",
    Outcome.NO_FAULT_FOUND: "State was seen to survive, and nothing else that was looked at fails.",
    Outcome.NOT_ENOUGH_ACCESS: "No loss was seen, and what would decide could not be asked.",
}
_MOST_LINES = 5  # of a quote
UNSEEN = (Status.ERROR, Status.INCONCLUSIVE, Status.SKIPPED)


def percent(probability: float) -> str:
    """A probability for people: never a certainty that nobody has."""
    if probability > 0.99:  # noqa: PLR2004
        return "> 99 %"
    if probability < 0.01:  # noqa: PLR2004
        return "< 1 %"
    return f"{probability * 100:.0f} %"


def tally(report: Report) -> str:
    """How many findings have which status."""
    counts = Counter(finding.status for finding in report.findings)
    return ", ".join(f"{counts[status]} {status.value}" for status in Status if counts[status])


def failed(report: Report) -> tuple[Finding, ...]:
    """What failed, worst first."""
    return tuple(finding for finding in report.findings if finding.status is Status.FAIL)


def unseen(report: Report) -> dict[str, tuple[str, ...]]:
    """Reasons why something has no answer, each with the checks it silenced."""
    return _by_reason(finding for finding in report.findings if finding.status in UNSEEN)


def undeclared(report: Report) -> dict[str, tuple[str, ...]]:
    """What would have to be declared, each with the checks that need it."""
    return _by_reason(f for f in report.findings if f.status is Status.NOT_APPLICABLE and ";" in f.reason)


def _by_reason(findings: Iterable[Finding]) -> dict[str, tuple[str, ...]]:
    reasons: dict[str, list[str]] = {}
    for finding in findings:
        subject = "" if finding.subject == "site" else f"{finding.subject}: "
        checks = reasons.setdefault(subject + finding.reason, [])
        if finding.check not in checks:
            checks.append(finding.check)
    return {reason: tuple(checks) for reason, checks in reasons.items()}


def quote_of(finding: Finding) -> tuple[str, ...]:
    """The lines of a log that a finding rests on, with their neighbours; none for other findings."""
    lines = finding.seen.get("context") or [finding.seen.get("quote")]
    shown = [one_line(line) for line in lines[:_MOST_LINES] if isinstance(line, str)] if isinstance(lines, list) else []
    return tuple(shown)
