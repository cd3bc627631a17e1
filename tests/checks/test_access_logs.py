"""Checks of access logs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.access_logs import AccessLog
from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge


def log(**changes: Any) -> AccessLog:
    """A thousand sessions on two nodes."""
    settings: dict[str, Any] = {"sessions": 1000, "again": 800, "nodes": {"app1": 5000, "app2": 5000}}
    return AccessLog("edge", "access.log", **(settings | changes))


MEET, RETRY, FAMILIES = "sessions-meet-several-nodes", "retries-reach-other-nodes", "session-uses-both-families"
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
    case(FAMILIES, FAIL, log(sessions_with_both_families=40), says="40 of 1,000 sessions"),
    case(FAMILIES, PASS, log(sessions_with_both_families=2)),
    case(FAMILIES, UNSURE, log(sessions=1)),
]


@pytest.mark.parametrize("each", CASES)
def test_check(each: Case, judge: Judge) -> None:
    """The case's status, with its words."""
    verify(each, judge)
