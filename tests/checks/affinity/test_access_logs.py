"""Checks of what access logs say: family affinity."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.access_logs import Absence, Pool
from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.access_logs import ADDRESS, LEAVE, MEET, PATHS, REFUSED, RETRY, ROUTES, log

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

GONE = Absence("app1", 10, 19, left=True)
POOLS = (Pool(("app1", "app2"), ("/",)), Pool(("app3",), ("/api",)))
MOVED = log(sessions_on_several_nodes=100, moved_with_addresses=95, sessions_with_several_addresses=100)

CASES = [
    case(MEET, FAIL, log(sessions_on_several_nodes=400), topology(), says="400 of 800 sessions met more than one node"),
    case(MEET, PASS, log(), topology(), says="all 800 sessions kept to one node"),
    case(MEET, UNSURE, log(sessions_on_several_nodes=3), topology(), says="so few may be retries"),
    case(MEET, UNSURE, log(nodes={"app1": 10}), topology(), says="fewer than two nodes"),
    case(MEET, UNSURE, log(again=2), topology(), says="too few sessions came back"),
    case(MEET, NOT, log(sessions_on_several_nodes=400), topology("external"), says="mode external"),
    case(RETRY, FAIL, log(requests_on_several_nodes=50), says="50 of 10,000 requests"),
    case(RETRY, PASS, log(requests_on_several_nodes=5)),
    case(RETRY, UNSURE, log(nodes={})),
    case(LEAVE, FAIL, log(first_at=9, moved_for_good=40, moves_from_absent_nodes=38, absences=(GONE,)), says="38 of 40"),
    case(LEAVE, PASS, log(first_at=9, moved_for_good=40, moves_from_absent_nodes=3)),
    case(LEAVE, UNSURE, log(moved_for_good=40, moves_from_absent_nodes=38)),
    case(ADDRESS, FAIL, MOVED, says="95 of 100 sessions that moved came from several addresses, 5 of 700 others"),
    case(ADDRESS, PASS, replace(MOVED, sessions_with_several_addresses=600)),
    case(ADDRESS, UNSURE, log()),
    case(ROUTES, FAIL, log(moved_with_routes=90), says="90 of 800 sessions"),
    case(ROUTES, PASS, log(moved_with_routes=1)),
    case(ROUTES, UNSURE, log(again=1)),
    case(PATHS, FAIL, log(sessions_on_several_nodes=9, pools=POOLS), says="/api go to app3, which answer nothing else"),
    case(PATHS, PASS, log(pools=POOLS)),
    case(PATHS, PASS, log(paths=3)),
    case(PATHS, UNSURE, log(), says="no paths"),
    case(PATHS, UNSURE, log(nodes={})),
    case(REFUSED, FAIL, log(requests_moved=500, denied_moved=60, requests_kept=9000, denied_kept=90), says="12.0%"),
    case(REFUSED, PASS, log(requests_moved=500, denied_moved=6, requests_kept=9000, denied_kept=90)),
    case(REFUSED, UNSURE, log(requests_moved=5, denied_moved=5)),
]  # fmt: skip


@pytest.mark.parametrize("each", CASES)
def test_check(each: Case, judge: Judge) -> None:
    """The case's status, with its words."""
    verify(each, judge)
