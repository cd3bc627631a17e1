"""Checks of how likely a result is by luck: family replication."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import trace, visits
from tests.checks.cases import FAIL, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case(
        "state-lost-in-place",
        FAIL,
        visits(trace("app1 app1 app1", "kkl")),
        says="1 of 2 follow-up requests lost the state",
    ),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_odds(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
