"""Checks of what access logs say: family affinity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.access_logs import MEET, RETRY, log

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

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
]  # fmt: skip


@pytest.mark.parametrize("each", CASES)
def test_check(each: Case, judge: Judge) -> None:
    """The case's status, with its words."""
    verify(each, judge)
