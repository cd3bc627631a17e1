"""Checks of several URLs of one site: family affinity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.urls import entry_points

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("urls-lead-to-other-nodes", FAIL, entry_points(there="api1 api2"), says="served by api1, api2"),
    case("urls-lead-to-other-nodes", PASS, entry_points()),
    case("urls-lead-to-other-nodes", UNSURE, entry_points(home="-", there="- -")),
    case("urls-lead-to-other-nodes", NOT, entry_points(kind="address")),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_urls(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
