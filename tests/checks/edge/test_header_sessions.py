"""Checks of sessions in a header: family edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import trace, visits
from tests.checks.cases import NOT, Case, case, verify
from tests.checks.evidence.header_sessions import HEADER

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("no-session-cookie", NOT, visits(trace("app1 app2", "kl"), **HEADER), says="in a header"),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_cases(one: Case, judge: Judge) -> None:
    """Each check fails, passes and says when it cannot tell."""
    verify(one, judge)
