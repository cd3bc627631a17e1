from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from sessiondoctor.catalogue.check_files import Check, Need
from sessiondoctor.catalogue.loader import Cause
from sessiondoctor.diagnosis.opinion import Opinion, diagnose
from sessiondoctor.diagnosis.scene import Scene
from sessiondoctor.diagnosis.snippets import paste_for
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.nodes.replay import Cell, CellState, Replay
from sessiondoctor.model import Outcome, Severity, Status
from sessiondoctor.pipeline.judge import Judged
from sessiondoctor.topology.model import Balancer, Node, Site, Store, Topology, bare
from sessiondoctor.topology.secret import Secret
from tests.diagnosis.build import cause, check, judged

LOST = check("lost")
SIGN = check("sign", role="sign")
SURVIVES = check("survives", survival=True)
HYGIENE = check("flags", role="hygiene")


def opinion(findings: list[Judged], causes: list[Cause], **topology: Any) -> Opinion:
    """The diagnosis of these findings for a small site."""
    site = Topology(site=Site("https://shop.test/", **topology.pop("site", {})), **topology)
    return diagnose(findings, {c.id: c for c in causes}, Scene(site, Gathered(()), ("express",)))


def probabilities(found: Opinion) -> dict[str, float]:
    """Of every cause that is stated or possible."""
    stated = {one.cause: one.probability for one in found.diagnosis}
    return stated | {one.cause: one.probability for one in found.differential}


def test_the_cause_of_a_loss_is_stated() -> None:
    """Probability, reasons, fix and proof come with it."""
    found = opinion([judged(LOST, where=("app2",))], [cause("x", findings={"lost": 0.98})])
    (stated,) = found.diagnosis
    assert (found.verdict, stated.cause, stated.where) == (Outcome.FAULT_FOUND, "x", ("app2",))
    assert stated.because[0].check == "lost"
    assert stated.solution.steps == ("First.",)
    assert stated.verify == "sessiondoctor check lost -t https://shop.test/"


def test_a_sign_alone_is_advice_never_a_diagnosis() -> None:
    """A configuration problem that no failing observation needs is a risk."""
    found = opinion([judged(SIGN), judged(SURVIVES, Status.PASS)], [cause("x", findings={"sign": 0.98})])
    assert (found.verdict, found.diagnosis) == (Outcome.NO_FAULT_FOUND, ())
    assert [advice.cause for advice in found.advice] == ["x"]


def test_a_declared_symptom_makes_a_sign_enough() -> None:
    """What users report is a failing observation."""
    told = cause("x", findings={"sign": 0.98}, symptoms=("state-lost",))
    found = opinion([judged(SIGN)], [told], symptoms=("state-lost",))
    assert [stated.cause for stated in found.diagnosis] == ["x"]


def test_hygiene_is_advice_beside_a_diagnosis() -> None:
    """It neither supports nor weakens a cause."""
    causes = [cause("x", findings={"lost": 0.98}), cause("weak", role="advice", findings={"flags": 0.98})]
    alone = opinion([judged(LOST)], causes)
    both = opinion([judged(LOST), judged(HYGIENE)], causes)
    assert [advice.cause for advice in both.advice] == ["weak"]
    assert both.diagnosis[0].probability == alone.diagnosis[0].probability


def test_without_any_loss_the_verdict_needs_survival() -> None:
    """Nothing wrong seen is not the same as seen to be right."""
    quiet = opinion([judged(LOST, Status.PASS)], [])
    blind = opinion([judged(SURVIVES, Status.PASS, power=0.0)], [])
    silent = opinion([judged(SURVIVES, Status.INCONCLUSIVE)], [])
    healthy = opinion([judged(SURVIVES, Status.PASS)], [])
    assert {found.verdict for found in (quiet, blind, silent)} == {Outcome.NOT_ENOUGH_ACCESS}
    assert healthy.verdict is Outcome.NO_FAULT_FOUND


def test_nodes_that_keep_their_sessions_are_no_all_clear_where_the_site_could_not_be_visited() -> None:
    """Users come through the site; a deadline that cut the visits short leaves that open."""
    survived = [judged(SURVIVES, Status.PASS)]
    site = bare("https://shop.test/")
    for piece, verdict in (
        (Piece(Visits, "site", skipped="the deadline cut the scan short"), Outcome.NOT_ENOUGH_ACCESS),
        (Piece(Visits, "site", unavailable="connection refused"), Outcome.NOT_ENOUGH_ACCESS),
        (Piece(Visits, "site", absent="no site is declared"), Outcome.NO_FAULT_FOUND),
        (Piece(Visits, "site", Visits("https://shop.test/", 200, tls=True)), Outcome.NO_FAULT_FOUND),
    ):
        assert diagnose(survived, {}, Scene(site, Gathered((piece,)))).verdict is verdict


def test_a_loss_that_no_cause_explains_is_still_a_fault() -> None:
    """The verdict says so, and the check stays unexplained for the exit code."""
    found = opinion([judged(LOST)], [cause("x", findings={"other": 0.98})])
    assert (found.verdict, found.diagnosis) == (Outcome.FAULT_FOUND, ())
    assert found.unexplained == {"lost"}


def test_of_causes_that_cannot_be_told_apart_three_are_candidates() -> None:
    """Each with its own probability; nobody can weigh more."""
    causes = [cause(name, findings={"lost": 0.98}) for name in ("v", "w", "x", "y", "z")]
    found = opinion([judged(LOST)], causes)
    assert len(found.diagnosis) == 3
    assert all(stated.probability < 0.5 for stated in found.diagnosis)


def test_equal_probabilities_are_ordered_by_severity() -> None:
    """Within 0.05 the worse one stands first."""
    causes = [
        cause("a-mild", findings={"lost": 0.98}),
        cause("z-bad", severity=Severity.CRITICAL, findings={"lost": 0.98}),
    ]
    assert opinion([judged(LOST)], causes).diagnosis[0].cause == "z-bad"


def test_equal_probabilities_of_one_severity_are_ordered_by_how_common_they_are() -> None:
    """The order does not follow the last digits, which change from scan to scan."""
    causes = [
        cause("a-rare", prior=0.020, findings={"lost": 0.98}),
        cause("b-rare", prior=0.020, findings={"lost": 0.98}),
        cause("z-common", prior=0.021, findings={"lost": 0.90}),
    ]
    found = opinion([judged(LOST)], causes)
    assert found.diagnosis[0].cause == "z-common"
    assert found.diagnosis[0].probability < found.diagnosis[1].probability


def test_the_declared_mode_names_one_of_two_truths() -> None:
    """No affinity and no shared store are one fact; which one is wrong depends on what was promised."""
    causes = [
        cause("no-affinity", findings={"lost": 0.98}, modes=("sticky", "unknown")),
        cause("local-store", findings={"lost": 0.98}, modes=("external",)),
    ]
    sticky = opinion([judged(LOST)], causes, site={"mode": "sticky"})
    external = opinion([judged(LOST)], causes, site={"mode": "external"})
    assert [d.cause for d in sticky.diagnosis] == ["no-affinity"]
    assert [d.cause for d in external.diagnosis] == ["local-store"]


def test_sessions_that_travel_between_some_nodes_are_not_lost_for_want_of_affinity() -> None:
    """Where nobody says how state is shared, the matrix tells: what a node knows of another one is shared."""
    causes = {
        "no-affinity": cause("no-affinity", findings={"lost": 0.98}, modes=("sticky", "unknown")),
        "local-store": cause("local-store", findings={"lost": 0.98}, modes=("external",)),
    }
    pairs: tuple[CellState, ...] = ("kept", "lost", "lost", "kept")
    nodes = ("app1", "app2")
    cells = [Cell(*pair, state) for pair, state in zip(product(nodes, nodes), pairs, strict=True)]
    for matrix, stated in (
        (cells, ["no-affinity"]),
        ([*cells, Cell("app1", "app3", "kept")], ["local-store"]),
    ):
        seen = Replay(nodes, (), tuple(matrix), flow=True)
        scene = Scene(bare("https://shop.test/"), Gathered((Piece(Replay, "site", seen),)))
        assert [one.cause for one in diagnose([judged(LOST)], causes, scene).diagnosis] == stated


def test_a_store_can_fail_only_where_there_may_be_one() -> None:
    """Its causes are possible where one is declared or may be behind it; sticky sessions without one have none."""
    causes = [cause("store-full", prior=0.4, findings={"lost": 0.98}, modes=("external", "unknown", "stored"))]
    stored = (Store("sessions", "redis"),)
    for mode, stores, stated in (
        ("sticky", (), []),
        ("sticky", stored, ["store-full"]),
        ("external", (), ["store-full"]),
        ("auto", (), ["store-full"]),
    ):
        found = opinion([judged(LOST)], causes, site={"mode": mode}, stores=stores)
        assert [d.cause for d in found.diagnosis] == stated, mode


def test_a_cause_of_another_kind_of_store_is_none() -> None:
    """Memcached cannot be full where sessions are in a Redis; where no store is declared both may be."""
    causes = [
        cause("cache-full", prior=0.4, findings={"lost": 0.98}, stores=frozenset({"memcached"})),
        cause("redis-full", prior=0.2, findings={"lost": 0.98}, stores=frozenset({"redis"})),
    ]
    declared = opinion([judged(LOST)], causes, stores=(Store("sessions", "redis"),))
    told = opinion([judged(LOST)], causes, nodes=(Node("app1", store_url=Secret("redis://h:1")),))
    unknown = opinion([judged(LOST)], causes)
    assert [d.cause for d in declared.diagnosis] == [d.cause for d in told.diagnosis] == ["redis-full"]
    assert {"cache-full", "redis-full"} == set(probabilities(unknown))


def test_an_undeclared_store_is_more_probably_the_commoner_kind() -> None:
    """As common and as telling as each other: what only a memcached can have comes after what a Redis has."""
    findings = {"lost": 0.98}
    causes = [
        cause("cache-full", findings=findings, stores=frozenset({"memcached"})),
        cause("redis-full", findings=findings, stores=frozenset({"redis"})),
        cause("any-full", findings=findings, stores=frozenset({"redis", "memcached"})),
    ]
    unknown = opinion([judged(LOST)], causes)
    odds = probabilities(unknown)
    assert odds["redis-full"] == odds["any-full"] > 3 * odds["cache-full"]
    cached = opinion([judged(LOST)], causes, stores=(Store("sessions", "memcached"),))
    assert {one.cause for one in cached.diagnosis} <= {"cache-full", "any-full"}


def test_what_a_cause_explains_is_folded_under_it() -> None:
    """A consequence that looks like a cause of its own is not stated beside it."""
    causes = [
        cause("root", findings={"lost": 0.98, "sign": 0.98}, explains=("generic",)),
        cause("generic", prior=0.003, findings={"lost": 0.98, "sign": 0.98}),
    ]
    (stated,) = opinion([judged(LOST), judged(SIGN)], causes).diagnosis
    assert (stated.cause, stated.explains) == ("root", ("generic",))


def test_a_pass_speaks_against() -> None:
    """It is listed with its weight."""
    (stated,) = opinion(
        [judged(LOST), judged(SIGN, Status.PASS)], [cause("x", findings={"lost": 0.98, "sign": 0.4})]
    ).diagnosis
    assert [reason.check for reason in stated.against] == ["sign"]
    assert stated.against[0].weight > 0


def likely(found: Opinion) -> dict[str, float]:
    """All causes that are named, with their probabilities."""
    return {one.cause: one.probability for one in found.diagnosis} | {
        one.cause: one.probability for one in found.differential
    }


def test_a_fault_of_another_stack_is_none() -> None:
    """This site runs on Express; what runs on Java or has no stack of its own is told apart."""
    causes = [
        cause("java", findings={"lost": 0.98}, stacks=frozenset({"tomcat"})),
        cause("any", findings={"lost": 0.4}),
    ]
    assert [one.cause for one in opinion([judged(LOST)], causes).diagnosis] == ["any"]
    unknown = diagnose([judged(LOST)], {c.id: c for c in causes}, Scene(bare("https://shop.test/"), Gathered(())))
    assert set(likely(unknown)) == {"any", "java"}


def test_a_fault_of_one_stack_is_rarer_where_nobody_knows_the_stack() -> None:
    """It would be as likely as another one only if that stack were there."""
    pair = [cause(id_, findings={"lost": 0.8}) for id_ in ("any", "java")]
    causes = [pair[0], replace(pair[1], stacks=frozenset({"tomcat"}))]
    found = diagnose([judged(LOST)], {c.id: c for c in causes}, Scene(bare("https://shop.test/"), Gathered(())))
    assert likely(found)["any"] > 2 * likely(found)["java"]


def test_a_declared_mode_speaks_against_its_contrary() -> None:
    """Whoever says that the balancer keeps clients is seldom without any affinity."""
    pair = [cause(id_, findings={"lost": 0.8}) for id_ in ("kept badly", "not kept")]
    causes = {"kept badly": pair[0], "not kept": replace(pair[1], contradicts=("sticky",))}
    sticky = Scene(Topology(Site("https://shop.test/", mode="sticky")), Gathered(()))
    found = diagnose([judged(LOST)], causes, sticky)
    assert [one.cause for one in found.diagnosis] == ["kept badly"]
    either = diagnose([judged(LOST)], causes, Scene(bare("https://shop.test/"), Gathered(())))
    assert {one.cause for one in either.diagnosis} == {"kept badly", "not kept"}


def test_where_falls_back_to_the_components_of_the_family() -> None:
    """A fault of the balancer is on the balancers, if no finding says more."""
    found = opinion(
        [judged(LOST)],
        [cause("x", family="affinity", findings={"lost": 0.98})],
        load_balancers=(Balancer("edge"),),
        nodes=(Node("app1"),),
    )
    assert found.diagnosis[0].where == ("edge",)


def test_findings_of_another_fault_do_not_point() -> None:
    """The nodes that a loss points at are named, though a second fault points at the store."""
    causes = [
        cause("x", 0.1, findings={"lost": 0.98, "outlier": 0.98, "expires": 0.01}),
        cause("y", 0.1, findings={"lost": 0.01, "outlier": 0.01, "expires": 0.98}),
    ]
    losses = [judged(LOST, subject=name, where=(name,)) for name in ("app1", "app2")]
    found = opinion(
        [*losses, judged(check("outlier"), where=("app2",)), judged(check("expires"), where=("sessions",))],
        causes,
        nodes=(Node("app1"), Node("app2")),
    )
    assert {one.cause: one.where for one in found.diagnosis} == {"x": ("app1", "app2"), "y": ("sessions",)}


def test_the_next_step_is_the_check_that_tells_most() -> None:
    """Among the unanswered ones that can be made to answer, by expected information."""
    decides, hardly = check("decides", role="sign"), check("hardly", role="sign")
    causes = [
        cause("x", findings={"lost": 0.98, "decides": 0.98}),
        cause("y", findings={"lost": 0.98, "hardly": 0.1}),
    ]
    unanswered = [
        judged(decides, Status.NOT_APPLICABLE, hint="add node URLs"),
        judged(hardly, Status.NOT_APPLICABLE, hint="add a store"),
        judged(decides, Status.NOT_APPLICABLE, hint="take a node out with --allow disrupt"),
        judged(check("never", role="sign"), Status.NOT_APPLICABLE),
    ]
    steps = opinion([judged(LOST), *unanswered], causes).next_steps
    assert steps[0].how == "add node URLs"
    assert steps[0].gain_bits > steps[-1].gain_bits or len(steps) == 1
    assert all(step.check != "never" and "disrupt" not in step.how for step in steps)


def test_of_equal_steps_what_was_declared_and_is_silent_comes_first() -> None:
    """A peer that refuses is to be seen to before anything more is declared."""
    causes = [cause("x", findings={"lost": 0.98, "a": 0.98, "b": 0.98}), cause("y", findings={"lost": 0.98})]
    unanswered = [
        judged(check("a", role="sign"), Status.NOT_APPLICABLE, hint="add node URLs"),
        judged(check("b", role="sign"), Status.INCONCLUSIVE, silent=True),
    ]
    steps = opinion([judged(LOST), *unanswered], causes).next_steps
    assert [step.how for step in steps] == ["why", "add node URLs"]


def test_that_there_was_no_time_is_no_step() -> None:
    """An interruption and a deadline are said elsewhere; what can be declared is a step all the same."""
    causes = [cause("x", findings={"lost": 0.98, "a": 0.98, "b": 0.98}), cause("y", findings={"lost": 0.98})]
    skipped = [
        judged(check("a", role="sign"), Status.SKIPPED, hint="add node URLs"),
        judged(check("b", role="sign"), Status.SKIPPED),
    ]
    assert [step.how for step in opinion([judged(LOST), *skipped], causes).next_steps] == ["add node URLs"]


def test_the_order_of_findings_does_not_matter() -> None:
    """The same opinion, to the letter."""
    causes = [cause("x", findings={"lost": 0.98, "sign": 0.8})]
    findings = [judged(LOST, subject="a"), judged(LOST, Status.PASS, subject="b"), judged(SIGN)]
    assert opinion(findings, causes) == opinion(findings[::-1], causes)


def test_advice_does_not_account_for_a_loss() -> None:
    """A loss that only a piece of advice knows of stays unexplained, so that the exit code tells of it."""
    hygiene = cause("weak", role="advice", findings={"lost": 0.98})
    found = opinion([judged(LOST)], [hygiene])
    assert (found.verdict, found.diagnosis) == (Outcome.FAULT_FOUND, ())
    assert found.unexplained == {"lost"}
    assert [advice.cause for advice in found.advice] == ["weak"]


ANSWERED = check("site-gives-no-page", role="blocks", blocks=(Visits,))


def seen_by(id_: str, **changes: Any) -> Check:
    """A check that cannot do without visits."""
    return check(id_, needs=(Need("visits", Visits, many=False, optional=False),), **changes)


def test_what_was_not_understood_does_not_vote() -> None:
    """Where a check that blocks fails, what rests on its evidence names no cause, no advice and no step."""
    lost, sign = seen_by("lost"), seen_by("sign", role="sign")
    causes = [cause("x", findings={"lost": 0.98, "sign": 0.98})]
    silent = judged(seen_by("more"), Status.INCONCLUSIVE, hint="declare site.flow")
    found = opinion([judged(ANSWERED), judged(lost), judged(sign), silent], causes)
    assert (found.verdict, found.diagnosis, found.differential) == (Outcome.NOT_ENOUGH_ACCESS, (), ())
    assert (found.advice, found.next_steps) == ((), ())
    assert found.unexplained == frozenset()
    understood = opinion([judged(ANSWERED, Status.PASS), judged(lost), judged(sign)], causes)
    assert [one.cause for one in understood.diagnosis] == ["x"]


def test_what_others_saw_votes_though_the_site_was_not_understood() -> None:
    """A store that lost sessions has lost them, whatever the site answered us."""
    causes = [cause("x", findings={"lost": 0.98})]
    found = opinion([judged(ANSWERED), judged(LOST)], causes)
    assert (found.verdict, [one.cause for one in found.diagnosis]) == (Outcome.FAULT_FOUND, ["x"])


def test_the_family_is_said_where_its_members_cannot_be_told_apart() -> None:
    """Before any of them, with what it does."""
    causes = [cause(name, family="affinity", findings={"lost": 0.98}) for name in ("v", "w", "x", "y")]
    found = opinion([judged(LOST)], causes)
    assert found.headline == "State is lost; the cause cannot be told yet"
    assert found.in_common.startswith("nothing keeps a client on the node that knows its session (family affinity,")


def test_candidates_of_several_families_have_a_fact_in_common() -> None:
    """What all their pages expect."""
    pages = {"v": "affinity", "w": "keys", "x": "store", "y": "keys"}
    findings = {"lost": 0.98, "session-unknown-elsewhere": 0.98}
    causes = [cause(name, family=family, findings=findings) for name, family in pages.items()]
    sees = check("lost", shows="session-unknown-elsewhere")
    assert opinion([judged(sees)], causes[:3]).in_common == "a node does not know a session that another node made"


@pytest.mark.parametrize(
    ("how", "paste"),
    [
        ("add nodes with url", 'nodes:\n  - {name: a, url: "http://10.0.0.1:3000/"}'),
        ("nothing tells which node answered; declare site.flow.node or node URLs", "nodes:\n"),
        ("whether state survives cannot be seen; declare site.flow", "site:\n  flow:\n    write:"),
        ("declare load_balancers[]: name, kind, stats", "load_balancers:\n"),
        ("correct site.flow: its login and write must work", ""),
    ],
)
def test_a_next_step_is_ready_to_paste(how: str, paste: str) -> None:
    """With the names that are known; what is to be corrected cannot be shown."""
    topology = Topology(site=Site("https://shop.test/"), nodes=(Node("a"),))
    text = paste_for(how, topology)
    assert text.startswith(paste)
    assert bool(text) == bool(paste)
