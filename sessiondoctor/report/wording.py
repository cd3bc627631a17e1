"""Words and groupings that several formats share."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.model import Finding, Outcome, Report, Status
from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.evidence.location import Location
    from sessiondoctor.model import Accepted, Diagnosis, NextStep, Solution

HEADLINES = {
    Outcome.FAULT_FOUND: "Fault found",
    Outcome.NO_FAULT_FOUND: "No fault found",
    Outcome.NOT_ENOUGH_ACCESS: "Not enough access to tell",
}
EXPLANATIONS = {
    Outcome.FAULT_FOUND: "State was lost, and no known cause accounts for it; the findings say what was seen.",
    Outcome.NO_FAULT_FOUND: "State was seen to survive, and nothing that was looked at would lose it.",
    Outcome.NOT_ENOUGH_ACCESS: "No loss was seen, and what would decide could not be asked.",
}
UNTOLD = "State is lost; the cause cannot be told yet"
_MOST_LINES = 5  # of a quote
_MOST_POSSIBLE = 3
_WORTH_NAMING = 0.02  # beside what is stated
_STRENGTHS = ((4.0, "strong"), (1.5, "fair"), (0.0, "weak"))
_WORDS = {
    "FAIL": {Status.FAIL},
    "CANNOT TELL": {Status.ERROR, Status.INCONCLUSIVE, Status.SKIPPED},
    "PASS": {Status.PASS},
    "DOES NOT APPLY": {Status.NOT_APPLICABLE},
}
_LOSS = ("lost", "looked", "low", "high")
UNSEEN = (Status.ERROR, Status.INCONCLUSIVE, Status.SKIPPED)


def headline(report: Report) -> str:
    """The answer in a few words: the report's own, or that of an older report."""
    if report.asked:
        return "Checks"
    if report.stated:
        return HEADLINES[Outcome.FAULT_FOUND]
    return report.headline or (UNTOLD if report.diagnosis else HEADLINES[report.verdict])


def said(report: Report) -> str:
    """The answer in one line: the stated causes by their titles, else the headline."""
    return "; ".join(one.title for one in report.stated) if report.stated and not report.asked else headline(report)


def explanation(report: Report) -> str:
    """What the headline means, where no cause is stated; empty where the headline says it all."""
    if report.headline in {"", UNTOLD, *HEADLINES.values()} or report.verdict is Outcome.FAULT_FOUND:
        return EXPLANATIONS[report.verdict]
    return ""


def in_common(report: Report) -> str:
    """What the candidates have in common, as a sentence; empty if nothing is."""
    return f"What they have in common: {report.in_common}." if report.in_common else ""


def answer(report: Report) -> str:
    """Why the verdict is that a fault was found although no cause is stated, in one line."""
    candidates = (f"{one.title} ({one.cause}, {percent(one.probability)})" for one in report.candidates)
    parts = (headline(report), in_common(report), "; ".join(candidates))
    return ". ".join(part.removesuffix(".") for part in parts if part)


def is_untold(report: Report) -> bool:
    """Whether state was lost and no cause is stated."""
    return report.verdict is Outcome.FAULT_FOUND and not report.stated and not report.asked


def percent(probability: float) -> str:
    """A probability for people: never a certainty that nobody has."""
    if probability > 0.99:
        return "> 99 %"
    if probability < 0.01:
        return "< 1 %"
    return f"{probability * 100:.0f} %"


def moved(report: Report) -> str:
    """Where the target led to; empty where it was scanned itself."""
    return f"{report.target} redirects to {report.scanned_url}, which was scanned." if report.scanned_url else ""


def remarks(report: Report) -> Iterator[str]:
    """What stands beside the answer: where the target led, what cut it short, what a baseline has already."""
    if report.scanned_url:
        yield moved(report)
    yield from site(report)
    if not report.complete:
        yield "INCOMPLETE: the scan was cut short."
    yield from report.limits
    if report.accepted:
        yield baseline(report.accepted)


def baseline(accepted: Accepted) -> str:
    """What an earlier report kept from changing the exit code."""
    causes, findings = len(accepted.causes), len(accepted.fingerprints)
    counted = [_counted(causes, "cause"), _counted(findings, "failed finding")]
    known = " and ".join(words for words, count in zip(counted, (causes, findings), strict=True) if count)
    return f"Baseline {accepted.report}: {known or 'nothing of this report'} {_known(causes + findings)}."


def _known(count: int) -> str:
    return "is in it" if not count else "is known and does not count" if count == 1 else "are known and do not count"


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def counts(report: Report, key: str) -> bool:
    """Whether this cause or fingerprint makes the exit code 1; older reports do not say: there, everything does."""
    return report.counts is None or key in report.counts


def is_accepted(report: Report, key: str) -> bool:
    """Whether a baseline has this cause or fingerprint already."""
    return report.accepted is not None and key in {*report.accepted.causes, *report.accepted.fingerprints}


def lost(report: Report) -> str:
    """What users lose, as it was measured: how many requests found the state gone; empty where nobody looked."""
    for finding in failed(report):
        loss = finding.seen.get("loss")
        if isinstance(loss, dict) and all(isinstance(loss.get(key), int | float) for key in _LOSS):
            low, high = (round(100 * min(max(loss[key], 0.0), 1.0)) for key in ("low", "high"))
            return f"the session's state, at {loss['lost']:.0f} of {loss['looked']:.0f} requests ({low} to {high} %)"
    return ""


def how_sure(diagnosis: Diagnosis) -> str:
    """The probability, and how much speaks for and against."""
    told = f"{len(diagnosis.because)} for it, {len(diagnosis.against) or 'nothing'} against it"
    return f"{percent(diagnosis.probability)}; {told}"


def site(report: Report) -> tuple[str, ...]:
    """What the site looks like, and by what its sessions were followed, a sentence each."""
    seen = report.site
    if seen is None:
        return ()
    looks = f"Looks like {seen.title}: {seen.says}." if seen.product else ""
    followed = f"No flow is declared; sessions were followed by {seen.followed_by}." if seen.followed_by else ""
    not_so = f"No flow is declared, and {seen.why_not}." if seen.why_not else ""
    return tuple(filter(None, (looks, followed, not_so)))


def or_else(solution: Solution) -> str:
    """What stands above a fix's alternatives: other ways beside the steps, or one for each stack."""
    return "Or:" if solution.steps else "One of these:"


def next_step(step: NextStep, title: str) -> str:
    """What to add, and the question that it would answer."""
    return f"{step.how} (to see whether: {title or step.check})"


def strength(bits: float) -> str:
    """How much a finding says, in a word: one bit doubles the odds, or halves them."""
    return next(word for least, word in _STRENGTHS if bits >= least)


def possible(report: Report) -> tuple[str, ...]:
    """The likeliest causes beside those that are stated, a line each."""
    return tuple(
        f"{other.title or other.cause} ({other.cause}, {percent(other.probability)})"
        for other in report.differential[:_MOST_POSSIBLE]
        if report.stated and other.probability >= _WORTH_NAMING
    )


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


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One check that was asked for. `word`: PASS, FAIL, CANNOT TELL or DOES NOT APPLY."""

    word: str
    check: str
    why: str


def checks(report: Report) -> tuple[CheckLine, ...]:
    """The checks that were asked for, in the order of the question."""
    return tuple(_line(check, [one for one in report.findings if one.check == check]) for check in report.asked)


def _line(check: str, findings: list[Finding]) -> CheckLine:
    """What all findings of a check come to: a failure outweighs what could not be told, and that a pass."""
    for word, statuses in _WORDS.items():
        telling = [one for one in findings if one.status in statuses]
        if telling:
            return CheckLine(word, check, "; ".join(dict.fromkeys(map(_why, telling))))
    return CheckLine("CANNOT TELL", check, "it was not judged")


def _why(finding: Finding) -> str:
    text = finding.summary if finding.status in {Status.PASS, Status.FAIL} else finding.reason or finding.summary
    return text if finding.subject == "site" or finding.subject in text else f"{finding.subject}: {text}"


def place_of(diagnosis: Diagnosis) -> Location | None:
    """The line of a file that its evidence rests on most; None if it rests on no file."""
    return next((reason.at for reason in diagnosis.because if reason.at), None)
