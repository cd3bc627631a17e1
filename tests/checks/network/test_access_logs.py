"""Checks of what access logs say: family network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.access_logs import FAMILIES, log

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case(FAMILIES, FAIL, log(sessions_with_both_families=40), says="40 of 1,000 sessions"),
    case(FAMILIES, PASS, log(sessions_with_both_families=2)),
    case(FAMILIES, UNSURE, log(sessions=1)),
]  # fmt: skip


@pytest.mark.parametrize("each", CASES)
def test_check(each: Case, judge: Judge) -> None:
    """The case's status, with its words."""
    verify(each, judge)
