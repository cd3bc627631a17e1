"""What a whole scan says that the one before did not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sessiondoctor.errors import ExitCode
from sessiondoctor.experiments.watch.memory import MOST_FAILING, CauseKnown, FailingKnown
from sessiondoctor.experiments.watch.seen import Change
from sessiondoctor.model import Confidence, Outcome, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.experiments.watch.memory import Memory
    from sessiondoctor.model import Diagnosis, Finding, Report

UNEXPLAINED: Final = "unexplained-loss"
"""In the place of a cause, where a loss was seen and no cause is more likely than not."""
_PASSES = 2  # scans without a failure, before it is called over
_ANSWERS = {Status.PASS, Status.FAIL, Status.NOT_APPLICABLE}


def compare(memory: Memory, report: Report, at: float) -> tuple[Change, ...]:
    """Causes that are new, gone, or in more places; checks that fail, or no longer do."""
    first = memory.scanned_at == 0.0
    changes = (*_of_causes(memory, report, at), *_of_checks(memory, report, at), *_of_access(memory, report, at))
    memory.scanned_at, memory.scan_took_s = at, report.duration_s
    memory.count("scans")
    # What fails at first sight is how things are; what that means is said by the causes.
    return tuple(one for one in changes if not (first and one.kind == "check-fails"))


def _of_causes(memory: Memory, report: Report, at: float) -> Iterator[Change]:
    now = _causes(report)
    for id_, cause in now.items():
        known = memory.causes.get(id_)
        memory.causes[id_] = cause
        if known is None:
            yield Change("cause-new", id_, f"{_at(cause)} ({cause.probability:.0%})", at)
        elif added := [place for place in cause.where if place not in known.where]:
            yield Change("cause-worse", id_, f"{cause.title}, now also at {', '.join(added)}", at)
    if not report.complete or report.verdict is Outcome.NOT_ENOUGH_ACCESS:
        return  # nothing says that it is over
    for id_ in [id_ for id_ in memory.causes if id_ not in now]:
        gone = memory.causes.pop(id_)
        yield Change("cause-gone", id_, f"no longer: {gone.title}", at)


def _of_access(memory: Memory, report: Report, at: float) -> Iterator[Change]:
    """Whether the scan could tell: what it could not look at is no pass."""
    before, memory.unclear = memory.unclear, _unclear(report)
    if memory.unclear:
        memory.count("failed_looks", "scan")
    if memory.unclear and not before:
        yield Change("could-not-look", "scan", f"the whole scan could not tell: {memory.unclear}", at)
    elif before and not memory.unclear:
        yield Change("looked-again", "scan", "the whole scan can tell again", at)


def _unclear(report: Report) -> str:
    if report.verdict is Outcome.NOT_ENOUGH_ACCESS:
        return report.headline or "there is not enough access"
    if not report.complete:
        return "the deadline cut it short"
    return "something that is declared could not be looked at" if report.exit_code == ExitCode.UNSEEN else ""


def _causes(report: Report) -> dict[str, CauseKnown]:
    counts = set(report.counts or ())
    if report.candidates:
        likely = report.candidates[0]
        may_be = ", ".join(one.cause for one in report.candidates)
        title = f"State is lost; the cause cannot be told yet: it may be {may_be}"
        counted = bool(counts.intersection(one.cause for one in report.candidates))
        return {UNEXPLAINED: CauseKnown(title, likely.severity, likely.probability, [], counted)}
    return {one.cause: _known(one, counts=one.cause in counts) for one in report.stated}


def _known(one: Diagnosis, *, counts: bool) -> CauseKnown:
    return CauseKnown(one.title, one.severity, one.probability, list(one.where), counts)


def _at(cause: CauseKnown) -> str:
    return f"{cause.title}, at {', '.join(cause.where)}" if cause.where else cause.title


def _of_checks(memory: Memory, report: Report, at: float) -> Iterator[Change]:
    answers: dict[str, list[Finding]] = {}
    for finding in report.findings:
        answers.setdefault(finding.check, []).append(finding)
        if finding.status is Status.FAIL and _is_worth_a_line(finding):
            known = memory.failing.get(finding.fingerprint)
            if known is None and len(memory.failing) < MOST_FAILING:
                memory.failing[finding.fingerprint] = FailingKnown(finding.check, finding.subject, finding.summary)
                yield Change("check-fails", finding.check, f"{_of(finding.subject)}{finding.summary}", at)
            elif known:
                known.passed = 0
    failing = {finding.fingerprint for finding in report.findings if finding.status is Status.FAIL}
    for fingerprint in memory.failing.keys() - failing:
        known = memory.failing[fingerprint]
        said = answers.get(known.check, [])
        known.passed += bool(said) and all(one.status in _ANSWERS for one in said)
        if known.passed >= _PASSES:
            del memory.failing[fingerprint]
            yield Change("check-passes", known.check, f"no longer: {_of(known.subject)}{known.text}", at)


def _is_worth_a_line(finding: Finding) -> bool:
    """What is weak, or hygiene, may be another one next time: the sessions of scans are among those that are judged."""
    return finding.confidence is not Confidence.TENTATIVE and finding.severity.rank <= Severity.MEDIUM.rank


def _of(subject: str) -> str:
    return "" if subject == "site" else f"{subject}: "
