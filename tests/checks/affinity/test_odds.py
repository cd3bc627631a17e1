"""Checks of how likely a result is by luck: family affinity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import fresh, topology, trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.odds import HELD, MOVING, SRV, STAYING, judged

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("connection-decides", FAIL, visits(MOVING, kept_alive=HELD), topology("sticky"), says="all 5 requests"),
    case("connection-decides", PASS, visits(MOVING, kept_alive=MOVING), topology("sticky"), says="moves also"),
    case("connection-decides", PASS, visits(STAYING, kept_alive=HELD), topology("sticky"), says="new connections"),
    case("connection-decides", UNSURE, visits(MOVING), topology("sticky"), says="kept open"),
    case(
        "connection-decides",
        UNSURE,
        visits(MOVING, kept_alive=trace("app1 app1 - - -", "k????")),
        topology("sticky"),
        says="too few",
    ),
    case(
        "connection-decides",
        UNSURE,
        visits(trace("- -", "kk"), kept_alive=HELD),
        topology("sticky"),
        says="nothing tells",
    ),
    case("connection-decides", NOT, visits(MOVING, kept_alive=HELD), topology("external")),
    case(
        "state-lost-on-move",
        FAIL,
        visits(trace("app1 app2 app1", "klk"), STAYING),
        says="1 of 9 follow-up requests lost the state (2 to 43 %)",
    ),
    case(
        "client-moves", FAIL, visits(STAYING, STAYING, trace("app1 app2", "kl")), topology("sticky"), says="app1, app2"
    ),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_odds(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


@pytest.mark.parametrize("check_id", ["client-moves", "affinity-cookie-ignored"])
def test_one_move_may_be_chance_and_many_are_not(check_id: str) -> None:
    """Nodes go down and come back where all is well."""
    bound = {"cookies": (SRV,), "affinity_cookies": ("SRV",)}
    once = judged(check_id, visits(STAYING, STAYING, trace("app1 app2", "kl"), **bound))
    often = judged(check_id, visits(MOVING, MOVING, **bound))
    assert once.chance > 0.05
    assert often.chance < 1e-6
    assert once.finding.seen["loss"] == {"lost": 1, "looked": 15, "low": 0.01, "high": 0.3}


@pytest.mark.parametrize("check_id", ["client-moves", "affinity-cookie-ignored"])
def test_staying_proves_as_much_as_there_are_nodes_to_go_to(check_id: str) -> None:
    """A short trace little, a long one much; less where one node gets nearly everything."""
    bound = {"cookies": (SRV,), "affinity_cookies": ("SRV",)}
    even, one_sided = fresh("app1 app2 " * 6), fresh("app1 " * 23 + "app2")
    short = judged(check_id, visits(trace("app1 app1", "kk"), fresh=even, **bound))
    long = judged(check_id, visits(STAYING, STAYING, fresh=even, **bound))
    doubtful = judged(check_id, visits(STAYING, fresh=one_sided, **bound))
    assert short.power < 0.7
    assert long.power > 0.99
    assert doubtful.power < 0.6


def test_who_is_not_named_proves_nothing() -> None:
    """The cookie may be followed or not."""
    bound = {"cookies": (SRV,), "affinity_cookies": ("SRV",)}
    assert judged("affinity-cookie-ignored", visits(trace("- - -", "kkk"), **bound)).power == 0.0


def test_a_coincidence_over_one_connection_has_its_chance() -> None:
    """Three nodes, of which one answered 5 of 13 first requests: it gives four more answers in (6/16)^4 of all cases."""
    one = judged("connection-decides", visits(MOVING, kept_alive=HELD, fresh=fresh("app1 app2 app3 " * 4)))
    assert one.chance == pytest.approx((6 / 16) ** 4)
