"""From evidence to findings: "could not look" is never a pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Unknown
from sessiondoctor.catalogue.check_files import Check, Need, builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.location import Location
from sessiondoctor.evidence.network.clocks import Clocks
from sessiondoctor.evidence.network.names import Names
from sessiondoctor.evidence.stores.store_reach import StoreReach
from sessiondoctor.model import Confidence, Finding, Status
from sessiondoctor.pipeline.judge import judge, judge_all
from sessiondoctor.topology.model import Site, Topology, bare
from tests.diagnosis.build import check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.pipeline.judge import Judged

SITE = bare("https://shop.test/")
NAMES = Names("shop.test", ())
ONE = Need("names", Names, many=False, optional=False)
MANY = Need("reach", StoreReach, many=True, optional=False)
PERHAPS = Need("clocks", Clocks, many=False, optional=True)
CATALOGUE = Catalogue((builtin(),))
MISSING = {
    "unavailable": Status.INCONCLUSIVE,
    "absent": Status.NOT_APPLICABLE,
    "skipped": Status.SKIPPED,
    "crash": Status.ERROR,
}

each_check = pytest.mark.parametrize("check_id", CATALOGUE.check_ids)


def reach(store: str) -> Piece:
    """A store that answers."""
    return Piece(StoreReach, store, StoreReach(store, f"{store}:6379", answers=True))


def run(of: Check, *pieces: Piece, topology: Topology = SITE) -> tuple[Judged, ...]:
    """One check over these pieces."""
    return judge(of, Gathered(pieces), topology)


def findings(of: Check, *pieces: Piece, topology: Topology = SITE) -> list[tuple[str, str]]:
    """Status and subject of each finding."""
    return [(str(one.finding.status), one.finding.subject) for one in run(of, *pieces, topology=topology)]


def only(of: Check, *pieces: Piece) -> Finding:
    """The one finding of a check."""
    (one,) = run(of, *pieces)
    return one.finding


def answering(*verdicts: Any, ending: Exception | None = None) -> Check:
    """A check that needs nothing, yields these and then raises."""

    def answers() -> Iterator[Any]:
        yield from verdicts
        if ending:
            raise ending

    return check("asked", judge=answers)


def answers_on(*needs: Need) -> Check:
    """A check that passes whatever it is given."""
    return check("needy", needs=needs, judge=lambda **_evidence: iter([Fine()]))


# What every check that comes with the package does without its evidence.


def needed(check_id: str) -> tuple[Check, list[type]]:
    """A check and the kinds of evidence it cannot do without."""
    (found,) = CATALOGUE.select([check_id])
    return found, [need.evidence for need in found.needs if need.evidence is not Topology and not need.optional]


@pytest.mark.parametrize("missing", MISSING)
@each_check
def test_without_evidence_no_check_passes(check_id: str, missing: str) -> None:
    """Why it is missing decides the status, and the reason and the hint reach the user."""
    found, kinds = needed(check_id)
    reasons: dict[str, Any] = {missing: "the reason", "hint": "" if missing == "crash" else "the hint"}
    judged = run(found, *(Piece(kind, "site", **reasons) for kind in kinds))
    if not kinds:  # it asks the topology alone, and this one says nothing
        assert [one.finding.status for one in judged] == [Status.NOT_APPLICABLE]
        return
    assert {one.finding.status for one in judged} == {MISSING[missing]}
    for one in judged:
        assert (
            one.finding.seen.get("trace") == "the reason" if missing == "crash" else "the reason" in one.finding.reason
        )


@each_check
def test_each_piece_of_evidence_is_indispensable(check_id: str) -> None:
    """Nothing was collected at all, not even a reason: still no pass."""
    found, kinds = needed(check_id)
    judged = run(found)
    assert judged
    if kinds:
        assert {one.finding.status for one in judged} == {Status.INCONCLUSIVE}


# The rules, one by one.


def test_unavailable_evidence_is_inconclusive_with_the_reason() -> None:
    """And the hint stands beside it."""
    (one,) = run(answers_on(ONE), Piece(Names, "dns", unavailable="no answer", hint="ask another"))
    assert (one.finding.status, one.finding.subject) == (Status.INCONCLUSIVE, "dns")
    assert (one.finding.reason, one.hint) == ("no answer; ask another", "ask another")


def test_an_undeclared_component_is_not_applicable_with_what_to_add() -> None:
    """That is what the user can change."""
    found = only(answers_on(ONE), Piece(Names, "site", absent="no name is declared", hint="add dns.name"))
    assert (found.status, found.reason) == (Status.NOT_APPLICABLE, "no name is declared; add dns.name")


def test_a_crashed_probe_is_an_error_with_its_trace() -> None:
    """A bug of ours is neither a pass nor the user's fault."""
    found = only(answers_on(ONE), Piece(Names, "site", crash="Traceback ..."))
    assert (found.status, found.seen) == (Status.ERROR, {"trace": "Traceback ..."})


def test_a_probe_without_an_answer_is_inconclusive() -> None:
    """Even one that gives no reason."""
    found = only(answers_on(ONE), Piece(Names, "site"))
    assert found.status is Status.INCONCLUSIVE
    assert found.reason


def test_an_undeclared_component_explains_the_rest() -> None:
    """Not also "could not look" for what then does not matter."""
    pieces = (Piece(Names, "site", absent="undeclared"), Piece(StoreReach, "a", unavailable="refused"))
    assert findings(answers_on(ONE, MANY), *pieces) == [("not-applicable", "site")]


def test_another_store_that_is_not_applicable_hides_nothing() -> None:
    """One store of a kind that is not read, one that did not answer: the second must be said."""
    pieces = (Piece(StoreReach, "sql", absent="not a Redis"), Piece(StoreReach, "redis", unavailable="no answer"))
    assert findings(answers_on(MANY), *pieces) == [("inconclusive", "redis")]


def test_of_many_the_missing_ones_are_said_beside_the_answer() -> None:
    """The check judges what is there; an undeclared one is no gap."""
    pieces = (reach("a"), Piece(StoreReach, "b", unavailable="no answer"), Piece(StoreReach, "c", absent="sql"))
    assert findings(answers_on(MANY), *pieces) == [("pass", "site"), ("inconclusive", "b")]


def test_optional_evidence_may_be_missing() -> None:
    """The check is given None, and an empty tuple where it may be many."""
    given: dict[str, Any] = {}

    def takes(**evidence: Any) -> Iterator[Fine]:
        given.update(evidence)
        yield Fine()

    many = Need("reach", StoreReach, many=True, optional=True)
    of = check("asked", needs=(PERHAPS, many), judge=takes)
    assert findings(of, Piece(Clocks, "site", unavailable="none")) == [("pass", "site")]
    assert given == {"clocks": None, "reach": ()}


def test_the_topology_is_evidence_that_is_always_there() -> None:
    """No probe is needed for it."""
    need = Need("topology", Topology, many=False, optional=False)
    assert findings(answers_on(need)) == [("pass", "site")]


def test_silence_of_a_check_that_ran_to_its_end_is_a_pass() -> None:
    """With words: what was looked for was not so."""
    found = only(answering())
    assert (found.status, found.summary) == (Status.PASS, "this was looked for and not found: The title of asked")


def test_a_problem_becomes_a_failed_finding() -> None:
    """Everything it says is kept."""
    problem = Problem(
        "gone",
        "app2",
        ("app2",),
        {"client": "returning 1"},
        chance=0.25,
        confidence=Confidence.TENTATIVE,
        at=("nodes", 1, "url"),
    )
    (one,) = run(answering(problem))
    assert (one.finding.status, one.finding.summary, one.finding.subject) == (Status.FAIL, "gone", "app2")
    assert (one.where, one.chance, one.finding.confidence) == (("app2",), 0.25, Confidence.TENTATIVE)
    assert one.finding.seen == {"client": "returning 1"}


def test_a_pass_keeps_its_power() -> None:
    """A weak pass must not clear a cause."""
    (one,) = run(answering(Fine("looked", power=0.3)))
    assert (one.finding.status, one.finding.summary, one.power) == (Status.PASS, "looked", 0.3)


def test_unknown_is_inconclusive_for_its_subject() -> None:
    """Beside the answers about the others."""
    assert findings(answering(Unknown("why", "a"), Fine(subject="b"))) == [("inconclusive", "a"), ("pass", "b")]


def test_a_question_that_does_not_arise_says_what_to_declare() -> None:
    """`NotApplicable` carries the hint."""
    (one,) = run(answering(ending=NotApplicable("no flow", hint="declare site.flow")))
    assert one.finding.status is Status.NOT_APPLICABLE
    assert (one.finding.reason, one.hint) == ("no flow; declare site.flow", "declare site.flow")


ENDINGS = {
    "not-applicable": NotApplicable("no"),
    "inconclusive": Inconclusive("too thin"),
    "error": RuntimeError("bug"),
}


@pytest.mark.parametrize("status", ENDINGS)
def test_what_failed_before_a_check_gave_up_stays(status: str) -> None:
    """A problem that was seen is true; a pass before the end is premature."""
    of = answering(Fine(subject="a"), Problem("gone", "b"), ending=ENDINGS[status])
    assert findings(of) == [("fail", "b"), (status, "site")]


def test_a_crashing_check_is_an_error_with_a_trace() -> None:
    """With the place, so that it can be reported; without the message, which may quote a secret."""
    found = only(answering(ending=ZeroDivisionError("by zero")))
    assert found.status is Status.ERROR
    assert "ZeroDivisionError" in found.seen["trace"]
    assert "by zero" not in found.seen["trace"]
    assert "test_judge.py" in found.seen["trace"]


@pytest.mark.parametrize("nonsense", ["words", None, 3, Problem])
def test_a_check_that_yields_nonsense_is_an_error(nonsense: object) -> None:
    """It must not end the scan."""
    assert only(answering(nonsense)).status is Status.ERROR


def test_a_check_that_forgot_to_yield_is_an_error() -> None:
    """A function that returns None has judged nothing."""
    assert only(check("asked", judge=lambda: None)).status is Status.ERROR


def test_a_crashing_check_does_not_stop_the_others() -> None:
    """Nor change their order."""
    judged = judge_all([answering(ending=KeyError("x")), check("after")], Gathered(()), SITE)
    assert [(one.check.id, one.finding.status) for one in judged] == [("asked", "error"), ("after", "pass")]


def test_fingerprints_are_stable() -> None:
    """They are keys of baselines: changing them breaks every user's. Check and subject only."""
    first, second = (only(answering(Problem(words, "app1", seen={"n": words}))) for words in ("one", "two"))
    assert first.fingerprint == second.fingerprint == "0ad6eeb34066b0d4"
    assert only(answering(Problem("one", "app2"))).fingerprint != first.fingerprint
    assert only(answering(Fine(subject="app1"))).fingerprint == first.fingerprint


def test_a_finding_points_at_the_users_line() -> None:
    """At the deepest line that is declared; without a file, at nothing."""
    lines: dict[tuple[str | int, ...], int] = {("nodes",): 3, ("nodes", 1): 5, ("nodes", 1, "url"): 6}
    declared = Topology(site=Site("https://shop.test/"), file="t.yaml", lines=lines)
    places = (("nodes", 1, "url"), ("nodes", 1, "route"), ("nodes", 7, "url"), ("dns",), ())
    of = answering(*(Problem("here", at=place) for place in places))
    found = [one.finding.at for one in run(of, topology=declared)]
    assert found == [Location("t.yaml", 6), Location("t.yaml", 5), Location("t.yaml", 3), Location("t.yaml", 0), None]
    assert [one.finding.at for one in run(of)] == [None] * 5
