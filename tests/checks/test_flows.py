"""Steps and sessions of single nodes: what is refused across nodes, known at times, saved late, bound to an address."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.flows.rehearsal import Rehearsal, RehearsedStep, Run
from sessiondoctor.evidence.nodes.same_node import SameNode, Tried
from sessiondoctor.evidence.nodes.step_tests import StepTest, StepTests
from tests.checks.build import replay, topology, trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

STEP = RehearsedStep("login", "POST /login", status=403, trouble="status 403")
REFUSED = StepTest("app1", "app2", "POST /login", "refused", 403, "CSRF token missing")
KNOWN = SameNode({"app1": ("kept",) * 5}, (Tried("kept"),) * 5, "app1", "kept", "kept", "kept")
TORN = SameNode({"app1": ("kept", "lost", "kept")}, (Tried("lost", "kept"),), "app1", "kept", "lost", "kept")

BOUND = trace(" ".join(["app1"] * 16), "k" * 16)
ALSO_BOUND = trace(" ".join(["app2"] * 16), "k" * 16)
"""Clients that their nodes kept."""


def steps(*states: Any) -> StepTests:
    """Tests from app1 to app2 that ended so."""
    return StepTests(("app1",), tuple(replace(REFUSED, state=state) for state in states))


def rehearsed(*, site: bool | None = None, dropped: tuple[str, ...] = (), **ways: bool) -> Rehearsal:
    """Runs through the site and in other ways, and whether each works."""
    taken: Any = {"site": site, **ways}
    runs: list[Any] = [
        Run(way, (replace(STEP, dropped=dropped, trouble="" if works else STEP.trouble),), works, node="app1" * (way == "node"))
        for way, works in taken.items()
        if works is not None
    ]  # fmt: skip
    return Rehearsal(declared=True, runs=tuple(runs))


CASES = [
    case("flow-refused-across-nodes", FAIL, steps("refused"), visits(trace("- -", "kl")), topology(),
         says="work on app1, and are refused when app1 made the form and app2 received it (POST /login, status 403: CSRF"),
    case("flow-refused-across-nodes", FAIL, steps("accepted", "error"), visits(trace("- -", "kl")), topology()),
    case("flow-refused-across-nodes", PASS, steps("accepted", "unknown"), visits(trace("- -", "kl")), topology(), says="app2 takes what another"),
    case("flow-refused-across-nodes", PASS, steps("refused"), visits(trace("- -", "kl")), topology("sticky"), says="as mode sticky has it"),
    case("flow-refused-across-nodes", PASS, steps("refused"), visits(BOUND, ALSO_BOUND), topology(), says="keeps each user on one"),
    case("replay-lost-elsewhere", PASS, replay("kl lk"), visits(BOUND, ALSO_BOUND), topology(), says="keeps each user on one"),
    case("replay-lost-elsewhere", FAIL, replay("kl lk"), visits(BOUND, ALSO_BOUND), topology("external")),
    case("replay-lost-elsewhere", FAIL, replay("klk lkl klk"), visits(BOUND, ALSO_BOUND), topology()),
    case("flow-refused-across-nodes", UNSURE, steps("unknown"), visits(trace("- -", "kl")), topology()),
    case("flow-refused-across-nodes", UNSURE, steps(), visits(trace("- -", "kl")), topology()),
    case("flow-refused-by-turns", FAIL, rehearsed(site=False, apart=True), says="takes turns"),
    case("flow-refused-by-turns", FAIL, rehearsed(site=False, node=True), says="the same steps work on app1"),
    case("flow-refused-by-turns", PASS, rehearsed(site=True)),
    case("flow-refused-by-turns", UNSURE, rehearsed(site=False, apart=False, node=False), says="works nowhere"),
    case("flow-refused-by-turns", NOT, rehearsed(site=False, apart=True, dropped=("sid: Secure",)), says="cookie"),
    case("flow-refused-by-turns", NOT, rehearsed()),
    case("node-knows-at-times", FAIL, TORN, says="app1 knew one session at 2 of 3 requests"),
    case("node-knows-at-times", PASS, KNOWN),
    case("node-knows-at-times", PASS, replace(KNOWN, looks={"app1": ("lost",) * 5})),
    case("node-knows-at-times", NOT, SameNode({}), says="no state was lost"),
    case("session-saved-late", NOT, SameNode({})),
    case("other-address-loses-session", NOT, SameNode({})),
    case("flow-refused-across-nodes", UNSURE, StepTests(), visits(), topology(), says="works on no node"),
    case("node-knows-at-times", UNSURE, replace(KNOWN, looks={"app1": ("kept", "lost", "error")})),
    case("session-saved-late", FAIL, replace(KNOWN, tries=(Tried("kept"), Tried("lost", "kept"))), says="1 of 2 reads"),
    case("session-saved-late", PASS, KNOWN, says="at once (5 tries)"),
    case("session-saved-late", UNSURE, replace(KNOWN, tries=(Tried("lost", "lost"),)), says="not there later either"),
    case("session-saved-late", UNSURE, replace(KNOWN, tries=())),
    case("session-saved-late", UNSURE, TORN, says="at some requests only"),
    case("other-address-loses-session", FAIL, replace(KNOWN, other_address="lost"), says="another forwarded address"),
    case("other-address-loses-session", FAIL, replace(KNOWN, other_address="lost", same_again="lost"), says="it is gone"),
    case("other-address-loses-session", PASS, KNOWN),
    case("other-address-loses-session", UNSURE, replace(KNOWN, same_address="lost")),
    case("other-address-loses-session", UNSURE, TORN),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_flows(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
