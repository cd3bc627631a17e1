"""Exit codes, as the README's table has them: the same for every format."""

from __future__ import annotations

from typing import Any

import pytest

from sessiondoctor.diagnosis.opinion import Opinion
from sessiondoctor.errors import ExitCode
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.network.clocks import Clocks
from sessiondoctor.evidence.network.names import Answer, Names
from sessiondoctor.evidence.nodes.replay import NodeVisit, Replay
from sessiondoctor.evidence.stores.store_reach import StoreReach
from sessiondoctor.model import Diagnosis, Outcome, Severity, Solution, Status
from sessiondoctor.outcome.baseline import Baseline
from sessiondoctor.outcome.exit_code import exit_code
from tests.diagnosis.build import check, judged

CLEAR, FAULT, UNSEEN = ExitCode.CLEAR, ExitCode.FAULT, ExitCode.UNSEEN
NO_FAULT, NO_ACCESS = Outcome.NO_FAULT_FOUND, Outcome.NOT_ENOUGH_ACCESS
LOST = check("lost", severity=Severity.HIGH)
FLAGS = check("flags", severity=Severity.LOW, role="hygiene")


def diagnosis(cause: str, severity: Severity) -> Diagnosis:
    """A stated cause."""
    fix = Solution("Do it.", "any", ())
    return Diagnosis(cause, "store", cause, severity, 0.9, (), (), (), (), fix, "sessiondoctor scan")


def opinion(*stated: Diagnosis, verdict: Outcome | None = None, unexplained: tuple[str, ...] = ()) -> Opinion:
    """What the diagnosis says."""
    verdict = verdict or (Outcome.FAULT_FOUND if stated else NO_FAULT)
    return Opinion(verdict, stated, (), (), (), frozenset(unexplained))


def code(of: Opinion, *findings: Any, gathered: Gathered | None = None, **changes: Any) -> int:
    """The exit code with the defaults of the command line."""
    settings: dict[str, Any] = {
        "fail_on": Severity.HIGH,
        "asked": frozenset(),
        "baseline": Baseline(frozenset(), frozenset()),
        "allow_inconclusive": False,
    }
    return exit_code(of, findings, gathered or Gathered(()), **(settings | changes))


def missing(**reason: Any) -> Gathered:
    """A scan that has one piece, and that is missing."""
    return Gathered((Piece(Names, "site", **reason),))


def accepted(*causes: str, fingerprints: tuple[str, ...] = ()) -> Baseline:
    """A baseline that knows these."""
    return Baseline(frozenset(causes), frozenset(fingerprints))


LEVELS = [None, Severity.LOW, Severity.MEDIUM, Severity.HIGH, Severity.CRITICAL]


@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("fail_on", LEVELS)
def test_a_diagnosis_fails_at_or_above_the_level(severity: Severity, fail_on: Severity | None) -> None:
    """Sessions are lost: that is high at least, whatever the cause. `never` (None) never does."""
    worst = min(severity.rank, Severity.HIGH.rank)
    expected = FAULT if fail_on and worst <= fail_on.rank else CLEAR
    assert code(opinion(diagnosis("x", severity)), fail_on=fail_on) == expected


def test_one_of_several_diagnoses_is_enough() -> None:
    """The worst decides, wherever it stands."""
    stated = (diagnosis("x", Severity.LOW), diagnosis("y", Severity.CRITICAL))
    assert code(opinion(*stated)) == FAULT


def test_nothing_wrong_is_zero() -> None:
    """Judged, and no diagnosis."""
    assert code(opinion(), judged(LOST, Status.PASS)) == CLEAR


def test_a_failed_check_that_is_explained_does_not_count_by_itself() -> None:
    """Its cause already does; or the advice, which is no reason to fail."""
    assert code(opinion(), judged(LOST)) == CLEAR


@pytest.mark.parametrize("severity", Severity)
def test_a_loss_that_nothing_explains_is_never_less_than_high(severity: Severity) -> None:
    """Whatever the check says of itself: users lose their sessions."""
    lost = check("lost", severity=severity)
    assert code(opinion(unexplained=("lost",), verdict=Outcome.FAULT_FOUND), judged(lost)) == FAULT


def test_a_failed_check_that_nothing_explains_counts() -> None:
    """At its own severity."""
    assert code(opinion(unexplained=("lost",)), judged(LOST)) == FAULT
    assert code(opinion(unexplained=("flags",)), judged(FLAGS)) == CLEAR
    assert code(opinion(unexplained=("flags",)), judged(FLAGS), fail_on=Severity.LOW) == FAULT


def test_a_check_that_was_asked_for_counts_when_it_fails() -> None:
    """Even hygiene, at its severity."""
    assert code(opinion(), judged(LOST), asked={"lost"}) == FAULT
    assert code(opinion(), judged(FLAGS), asked={"flags"}) == CLEAR
    assert code(opinion(), judged(FLAGS), asked={"flags"}, fail_on=Severity.LOW) == FAULT
    assert code(opinion(), judged(LOST), asked={"flags"}) == CLEAR


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status.PASS, CLEAR),
        (Status.NOT_APPLICABLE, CLEAR),
        (Status.INCONCLUSIVE, UNSEEN),
        (Status.ERROR, UNSEEN),
        (Status.SKIPPED, UNSEEN),
    ],
)
def test_a_check_that_was_asked_for_must_have_an_answer(status: Status, expected: int) -> None:
    """One that was not asked for need not; and `--allow-inconclusive` forgives it."""
    finding = judged(LOST, status)
    assert code(opinion(), finding, asked={"lost"}) == expected
    assert code(opinion(), finding) == CLEAR
    assert code(opinion(), finding, asked={"lost"}, allow_inconclusive=True) == CLEAR


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ({"value": Names("shop.test", ())}, CLEAR),
        ({"absent": "not declared"}, CLEAR),
        ({"unavailable": "no answer"}, UNSEEN),
        ({"crash": "Traceback"}, UNSEEN),
    ],
)
def test_what_is_declared_must_have_been_seen(reason: dict[str, Any], expected: int) -> None:
    """What is not declared is no gap."""
    assert code(opinion(), gathered=missing(**reason)) == expected
    assert code(opinion(), gathered=missing(**reason), allow_inconclusive=True) == CLEAR


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        (NodeVisit("app1", 200), CLEAR),
        (NodeVisit("app1", refused=True), CLEAR),
        (NodeVisit("app1", trouble="no answer within 10 s"), UNSEEN),
    ],
)
def test_a_node_that_refuses_was_seen(visit: NodeVisit, expected: int) -> None:
    """A refused connection is an observation; silence is not."""
    replay = Replay(("app1",), (visit,), (), flow=True)
    assert code(opinion(), gathered=Gathered((Piece(Replay, "site", replay),))) == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((Answer("system", (), (), trouble="no such name"),), CLEAR),
        ((Answer("10.0.0.53:53", ("192.0.2.1",), (), trouble="no answer for AAAA"),), CLEAR),
        ((Answer("10.0.0.53:53", (), (), trouble="no answer in time"),), UNSEEN),
    ],
)
def test_a_declared_resolver_must_have_told(answers: tuple[Answer, ...], expected: int) -> None:
    """The system's own is not declared."""
    assert code(opinion(), gathered=missing(value=Names("shop.test", answers))) == expected


@pytest.mark.parametrize(("subject", "expected"), [("ntp.test:123", UNSEEN), ("app1", CLEAR), ("sessions", CLEAR)])
def test_a_declared_time_server_must_have_told(subject: str, expected: int) -> None:
    """Of nodes and stores their own probes say whether they were seen."""
    replay = Replay(("app1",), (NodeVisit("app1", refused=True),), (), flow=True)
    reach = StoreReach("sessions", "10.0.0.9:6379", answers=False, trouble="refused")
    pieces = (
        Piece(Replay, "site", replay),
        Piece(StoreReach, "sessions", reach),
        Piece(Clocks, "site", Clocks((), {subject: "no answer within 8 s"})),
    )
    assert code(opinion(), gathered=Gathered(pieces)) == expected


def test_not_enough_access_is_a_result_of_its_own() -> None:
    """Unless single checks were asked for: then their answers count."""
    assert code(opinion(verdict=NO_ACCESS)) == UNSEEN
    assert code(opinion(verdict=NO_ACCESS), allow_inconclusive=True) == CLEAR
    assert code(opinion(verdict=NO_ACCESS), judged(LOST, Status.PASS), asked={"lost"}) == CLEAR


def test_a_scan_cut_short_by_its_deadline() -> None:
    """It is not a clean bill."""
    cut = Gathered((), cut=True)
    assert code(opinion(), gathered=cut) == UNSEEN
    assert code(opinion(), gathered=cut, allow_inconclusive=True) == CLEAR


@pytest.mark.parametrize("gathered", [missing(unavailable="no answer"), Gathered((), cut=True)])
def test_a_fault_outranks_what_could_not_be_seen(gathered: Gathered) -> None:
    """3 only where there is no 1; below the level, 3 again."""
    assert code(opinion(diagnosis("x", Severity.HIGH)), gathered=gathered) == FAULT
    assert code(opinion(diagnosis("x", Severity.LOW)), gathered=gathered, fail_on=Severity.CRITICAL) == UNSEEN
    assert code(opinion(diagnosis("x", Severity.HIGH)), gathered=gathered, fail_on=None) == UNSEEN


def test_an_interrupt_outranks_everything() -> None:
    """Also `--allow-inconclusive`."""
    interrupted = Gathered((), interrupted=True)
    assert code(opinion(diagnosis("x", Severity.CRITICAL)), gathered=interrupted) == ExitCode.INTERRUPTED
    assert code(opinion(), gathered=interrupted, allow_inconclusive=True) == ExitCode.INTERRUPTED


def test_what_the_baseline_has_does_not_count() -> None:
    """A stated cause by its id, a failed check by its fingerprint."""
    known = judged(LOST)
    fingerprint = known.finding.fingerprint
    assert code(opinion(diagnosis("x", Severity.HIGH)), baseline=accepted("x")) == CLEAR
    assert code(opinion(unexplained=("lost",)), known, baseline=accepted(fingerprints=(fingerprint,))) == CLEAR
    assert code(opinion(), known, asked={"lost"}, baseline=accepted(fingerprints=(fingerprint,))) == CLEAR


def test_what_the_baseline_lacks_counts() -> None:
    """Another cause beside an accepted one; another subject of an accepted check."""
    stated = (diagnosis("x", Severity.HIGH), diagnosis("y", Severity.HIGH))
    assert code(opinion(*stated), baseline=accepted("x")) == FAULT
    assert code(opinion(), judged(LOST), asked={"lost"}, baseline=accepted(fingerprints=("other",))) == FAULT


def test_silence_cannot_be_accepted() -> None:
    """A check without an answer is not known, whatever the baseline says."""
    silent = judged(LOST, Status.INCONCLUSIVE)
    baseline = accepted(fingerprints=(silent.finding.fingerprint,))
    assert code(opinion(), silent, asked={"lost"}, baseline=baseline) == UNSEEN
