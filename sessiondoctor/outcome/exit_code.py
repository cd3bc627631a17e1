"""Exit codes: the same for every format of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.errors import ExitCode
from sessiondoctor.evidence.network.clocks import Clocks
from sessiondoctor.evidence.network.names import Names
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.model import Outcome, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sessiondoctor.diagnosis.opinion import Opinion
    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.outcome.baseline import Baseline
    from sessiondoctor.pipeline.judge import Judged


_UNANSWERED = {Status.INCONCLUSIVE, Status.ERROR, Status.SKIPPED}
_OF_A_LOSS = Severity.HIGH  # users lose sessions: whatever the cause, a pipeline must not go on as if all were well


def exit_code(
    opinion: Opinion, judged: Sequence[Judged], gathered: Gathered, *,
    fail_on: Severity | None, asked: Collection[str], baseline: Baseline, allow_inconclusive: bool,
) -> int:  # fmt: skip
    """The code for a finished scan. `fail_on` None never fails; `asked` are the ids of checks asked for by name."""
    if gathered.interrupted:
        return ExitCode.INTERRUPTED
    if fail_on and any(severity.rank <= fail_on.rank for severity in _faults(opinion, judged, asked, baseline)):
        return ExitCode.FAULT
    if not allow_inconclusive and _unseen(opinion, judged, gathered, asked):
        return ExitCode.UNSEEN
    return ExitCode.CLEAR


def _faults(
    opinion: Opinion, judged: Sequence[Judged], asked: Collection[str], baseline: Baseline
) -> Iterator[Severity]:
    """How bad each thing is that speaks against exit code 0; a loss that was seen is never less than high."""
    for diagnosis in opinion.diagnosis:
        if diagnosis.cause not in baseline.causes:
            yield _at_least(_OF_A_LOSS, diagnosis.severity)
    for one in judged:
        if one.finding.status is not Status.FAIL or one.finding.fingerprint in baseline.fingerprints:
            continue
        if one.check.id in opinion.unexplained and one.check.role == "loss":
            yield _at_least(_OF_A_LOSS, one.finding.severity)
        elif one.check.id in asked or one.check.id in opinion.unexplained:
            yield one.finding.severity


def _at_least(least: Severity, severity: Severity) -> Severity:
    return min(least, severity, key=lambda each: each.rank)


def _unseen(opinion: Opinion, judged: Sequence[Judged], gathered: Gathered, asked: Collection[str]) -> bool:
    unanswered = any(one.check.id in asked and one.finding.status in _UNANSWERED for one in judged)
    no_access = not asked and opinion.verdict is Outcome.NOT_ENOUGH_ACCESS
    return unanswered or no_access or gathered.cut or could_not_look(gathered)


def could_not_look(gathered: Gathered) -> bool:
    """Whether something that the topology declares gave no evidence; a refused connection is evidence."""
    visits = [visit for piece in gathered.of(Replay) if piece.value for visit in piece.value.visits]
    told = {visit.node for visit in visits} | {piece.subject for piece in gathered.pieces}
    return (
        any(piece.unavailable or piece.crash for piece in gathered.pieces)
        or any(visit.trouble for visit in visits)
        or any(_silent_resolver(piece.value) for piece in gathered.of(Names) if piece.value)
        or any(piece.value.trouble.keys() - told for piece in gathered.of(Clocks) if piece.value)
    )


def _silent_resolver(names: Names) -> bool:
    """Whether a declared resolver did not tell; the system's own is not declared."""
    return any(each.trouble and not (each.ipv4 or each.ipv6) for each in names.answers if each.resolver != "system")
