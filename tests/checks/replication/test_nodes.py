"""Checks of what differs between nodes: family replication."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import replay, steered, topology, trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.nodes import (
    GONE,
    OUTLIER,
    redirected,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("state-never-kept", FAIL, visits(trace("app1 app2 app1 app1", "klll")), says="none of 3 follow-up requests"),
    case("state-never-kept", PASS, visits(trace("app1 app2 app1 app1", "kllk")), says="1 of 3 follow-up requests"),
    case("state-never-kept", UNSURE, visits(trace("app1 app2", "kl"))),
    case("replay-lost-elsewhere", FAIL, replay(OUTLIER), topology(), says="all of them involve app2"),
    case("replay-lost-elsewhere", PASS, replay(), topology()),
    case("replay-lost-elsewhere", PASS, replay("kll lkl llk"), topology("sticky"), says="as mode sticky has it"),
    case("replay-lost-elsewhere", UNSURE, replay("k?? ?k? ??k"), topology()),
    case("replay-lost-at-home", FAIL, replay("lkk kkk kkk"), says="app1"),
    case("replay-lost-at-home", PASS, replay()),
    case("replay-lost-at-home", UNSURE, replay("? ? ?"[:1])),
    case("replay-lost-at-home", FAIL, steered("lkk kkk kkk"), says="app1"),
    case("replay-lost-at-home", UNSURE, steered("l?? ?l? ??l"), says="proxy"),
    case("replay-lost-at-home", PASS, steered()),
    case("replay-lost-elsewhere", PASS, steered("kll lkl llk"), topology(), says="keeps each user on one"),
    case("replay-lost-elsewhere", FAIL, steered("kll lkl llk"), topology("external")),
    case("replay-lost-elsewhere", FAIL, steered(OUTLIER), topology(), says="all of them involve app2"),
    case("replay-one-outlier", FAIL, replay(OUTLIER), says="app2"),
    case("replay-one-outlier", PASS, replay("kll lkl llk")),
    case("replay-one-outlier", PASS, replay()),
    case("replay-one-outlier", NOT, replay("kl lk")),
    case("replay-one-outlier", UNSURE, replay("kkk kkl kkk")),
    case("replay-one-outlier", UNSURE, replay("kkk kkl klk")),
    case("moves-survive-between-some", FAIL, visits(trace("app1 app2 app3", "kkl")), says="between app1 and app2, and not between app1 and app3"),
    case("moves-survive-between-some", FAIL, visits(trace("app1 app2 app3", "kkl"), trace("app2 app3", "kl")), says="app1 and app3, app2 and app3"),
    case("moves-survive-between-some", PASS, visits(trace("app1 app2 app3", "kll"))),
    case("moves-survive-between-some", PASS, visits(trace("app1 app2 app3 app2", "kkll"))),
    case("moves-survive-between-some", UNSURE, visits(trace("app1 app2 app1 app2", "klkk"))),
    case("moves-survive-between-some", UNSURE, visits()),
    case("replay-differs-by-session", FAIL, replay("kl kk", cell={"app1 app2": {"seen": ("kept", "error", "lost")}}), says="app2 knows some of the sessions of app1"),
    case("replay-differs-by-session", PASS, replay("kl kk", cell={"app1 app2": {"seen": ("lost", "lost")}})),
    case("replay-differs-by-session", PASS, replay("kk kk", cell={"app1 app2": {"seen": ("kept", "error", "kept")}})),
    case("replay-differs-by-session", UNSURE, replay("kk kk", cell={"app1 app2": {"seen": ("kept", "error")}})),
    case("replay-differs-by-session", UNSURE, replay("ke kk", cell={"app1 app2": {"seen": ("error", "error")}})),
    case("replay-differs-by-session", UNSURE, replay("kl kk", cell={"app1 app2": {"seen": ("lost",)}})),
    case("replay-destructive", FAIL, replay("klk kkk klk", cell=GONE), says="app2"),
    case("replay-destructive", PASS, replay(OUTLIER)),
    case("replay-destructive", NOT, replay()),
    case("replay-errors", FAIL, replay("kek kkk kkk", cell={"app1 app2": {"status": 500}}), says="app2 answered 500"),
    case("replay-errors", PASS, replay(OUTLIER)),
    case("replay-errors", UNSURE, replay("kek kkk kkk", cell={"app1 app2": {"status": 503}}), says="at times"),
    case("replay-errors", FAIL, replay("kek kek kek", cell={f"{n} app2": {"status": 503} for n in ("app1", "app2", "app3")})),
    case("replay-errors-at-home", FAIL, replay("ekk kkk kkk", cell={"app1 app1": {"status": 500}}), says="app1 answered"),
    case("replay-errors-at-home", FAIL, replay("??? ??? ???", visit={"app2": {"status": 500}}), says="app2 answered 500"),
    case("replay-errors-at-home", PASS, replay("kek kkk kkk", cell={"app1 app2": {"status": 500}})),
    case("replay-errors-at-home", UNSURE, replay("??? ??? ???")),
    case("replay-errors-at-home", UNSURE, replay(visit={n: {"refused": True} for n in ("app1", "app2", "app3")})),
    case("replay-errors", UNSURE, replay(visit={n: {"refused": True} for n in ("app1", "app2", "app3")})),
    case("state-lost-in-place", FAIL, visits(trace("app1 app1", "kl")), says="app1"),
    case("state-lost-in-place", UNSURE, visits(trace("- - -", "kll"))),
    case("state-lost-in-place", UNSURE, visits(trace("app1 - -", "kll"))),
    case("state-lost-in-place", UNSURE, visits(trace("- app1 app1", "kll"))),
    case("state-lost-in-place", UNSURE, visits(redirected("app1", "app2"))),
    case("state-lost-in-place", FAIL, visits(redirected("app1", "app1"))),
    case("state-lost-between-requests", FAIL, visits(trace("- - -", "kll")), says="2 of 2 follow-up requests"),
    case("state-lost-between-requests", FAIL, visits(trace("app1 - -", "kll"))),
    case("state-lost-between-requests", PASS, visits(trace("- - -", "kkk"))),
    case("state-lost-between-requests", UNSURE, visits(trace("- - -", "k??"))),
    case("state-lost-between-requests", NOT, visits(trace("app1 app2", "kl"))),
    case("state-lost-between-requests", NOT, visits(trace("app1 app1", "kl"))),
    case("state-lost-in-place", PASS, visits(trace("app1 app2 app1", "klk"))),
    case("state-lost-in-place", FAIL, visits(trace("app1 app2 app1", "kll"))),
    case("state-lost-in-place", FAIL, visits(trace("app1 app1 app1", "kll", "sid:1 sid:2 sid:3"))),
    case("state-lost-in-place", UNSURE, visits(trace("app1 app2 app1", "kll", "sid:1 sid:2 sid:3"))),
    case("state-lost-in-place", UNSURE, visits(trace("app1 app1", "??"))),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_nodes(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


def test_the_matrix_is_drawn_for_healthy_nodes_too(judge: Judge) -> None:
    """Rows are made on, columns read on."""
    (finding,) = judge("replay-lost-elsewhere", replay(OUTLIER), topology("sticky"))
    assert finding.seen["matrix"]["rows"][0] == ["kept", "lost", "kept"]
