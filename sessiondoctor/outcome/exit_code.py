"""Exit codes: the same for every format of the report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.errors import ExitCode
from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.evidence.configs.files import Configs
from sessiondoctor.evidence.logs import Log
from sessiondoctor.evidence.network.clocks import Clocks
from sessiondoctor.evidence.network.names import Names
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.model import Accepted, Outcome, Severity, Status

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sessiondoctor.diagnosis.opinion import Opinion
    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.outcome.baseline import Baseline
    from sessiondoctor.pipeline.judge import Judged


_UNANSWERED = {Status.INCONCLUSIVE, Status.ERROR, Status.SKIPPED}
_OF_A_LOSS = Severity.HIGH  # users lose sessions: whatever the cause, a pipeline must not go on as if all were well


@dataclass(frozen=True, slots=True)
class Fault:
    """What speaks against exit code 0: the id of a cause or the fingerprint of a finding, and how bad it is."""

    key: str
    severity: Severity


def exit_code(
    opinion: Opinion, judged: Sequence[Judged], gathered: Gathered, *,
    fail_on: Severity | None, asked: Collection[str], baseline: Baseline, allow_inconclusive: bool,
    named: Collection[str] = (), offline: bool = False,
) -> int:  # fmt: skip
    """The code for a finished scan. `fail_on` None never fails; `asked` are the ids of checks asked for.

    `named`: those of them that must apply as well, because they were asked for by themselves and not by their family.
    `offline`: files were judged. What they show to be wrong counts, although no loss was seen; hygiene does not; and
    that nothing could be asked was known before.
    """
    if gathered.interrupted:
        return ExitCode.INTERRUPTED
    if counted(opinion, judged, fail_on=fail_on, asked=asked, baseline=baseline, offline=offline):
        return ExitCode.FAULT
    if offline:
        return ExitCode.UNSEEN if not allow_inconclusive and nothing_read(gathered) else ExitCode.CLEAR
    if not allow_inconclusive and (_unseen(opinion, judged, gathered, asked) or _idle(judged, named)):
        return ExitCode.UNSEEN
    return ExitCode.CLEAR


def counted(
    opinion: Opinion, judged: Sequence[Judged], *,
    fail_on: Severity | None, asked: Collection[str], baseline: Baseline, offline: bool = False,
) -> tuple[str, ...]:  # fmt: skip
    """What makes the exit code 1, each once: ids of causes and fingerprints of findings."""
    if fail_on is None:
        return ()
    faults = [*_faults(opinion, judged, asked, baseline), *(faults_of_files(judged, baseline) if offline else ())]
    return tuple(dict.fromkeys(fault.key for fault in faults if fault.severity.rank <= fail_on.rank))


def accepted(opinion: Opinion, judged: Iterable[Judged], baseline: Baseline) -> Accepted | None:
    """What the baseline kept from counting; None without a baseline."""
    if not baseline.report:
        return None
    failed = (one.finding.fingerprint for one in judged if one.finding.status is Status.FAIL)
    return Accepted(
        baseline.report,
        tuple(one.cause for one in opinion.diagnosis if one.cause in baseline.causes),
        tuple(dict.fromkeys(mark for mark in failed if mark in baseline.fingerprints)),
    )


def faults_of_files(judged: Iterable[Judged], baseline: Baseline) -> Iterator[Fault]:
    """What files show to be wrong, hygiene apart."""
    for one in judged:
        counts = one.finding.status is Status.FAIL and one.check.role != "hygiene"
        if counts and one.finding.fingerprint not in baseline.fingerprints:
            yield Fault(one.finding.fingerprint, one.finding.severity)


def nothing_read(gathered: Gathered) -> bool:
    """Whether not one of the files could be read as anything; a log that is none of access may be any text."""
    unread = {piece.subject for piece in gathered.of(AccessLog) if not piece.value}
    read = (piece for piece in gathered.pieces if not (piece.kind is Log and piece.subject in unread))
    return not any(piece.value for piece in read if piece.kind is not Configs) and not any(
        file.format for piece in gathered.of(Configs) if piece.value for file in piece.value.files
    )


def _faults(opinion: Opinion, judged: Sequence[Judged], asked: Collection[str], baseline: Baseline) -> Iterator[Fault]:
    """What speaks against exit code 0; a loss that was seen is never less than high."""
    for diagnosis in opinion.diagnosis:
        if diagnosis.cause not in baseline.causes:
            yield Fault(diagnosis.cause, _at_least(_OF_A_LOSS, diagnosis.severity))
    for one in judged:
        if one.finding.status is not Status.FAIL or one.finding.fingerprint in baseline.fingerprints:
            continue
        if one.check.id in opinion.unexplained and one.check.role == "loss":
            yield Fault(one.finding.fingerprint, _at_least(_OF_A_LOSS, one.finding.severity))
        elif one.check.id in asked or one.check.id in opinion.unexplained:
            yield Fault(one.finding.fingerprint, one.finding.severity)


def _at_least(least: Severity, severity: Severity) -> Severity:
    return min(least, severity, key=lambda each: each.rank)


def _unseen(opinion: Opinion, judged: Sequence[Judged], gathered: Gathered, asked: Collection[str]) -> bool:
    unanswered = any(one.check.id in asked and one.finding.status in _UNANSWERED for one in judged)
    no_access = not asked and opinion.verdict is Outcome.NOT_ENOUGH_ACCESS
    return unanswered or no_access or gathered.cut or could_not_look(gathered)


def _idle(judged: Sequence[Judged], named: Collection[str]) -> bool:
    """Whether one of these checks applies to nothing."""
    applying = {one.check.id for one in judged if one.finding.status is not Status.NOT_APPLICABLE}
    return any(one.check.id in named and one.check.id not in applying for one in judged)


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
