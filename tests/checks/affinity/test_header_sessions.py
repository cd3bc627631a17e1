"""Checks of sessions in a header: family affinity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.header_sessions import HEADER

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("header-session-unbound", FAIL, visits(trace("app1 app2", "kl"), **HEADER), says="1 of 1 clients"),
    case(
        "header-session-unbound",
        FAIL,
        visits(trace("app1 app1", "kk"), without_affinity=(trace("app1 app2", "kl"),), **HEADER),
        says="a client that sends the session's header and no affinity cookie",
    ),
    case("header-session-unbound", PASS, visits(trace("app1 app2", "kk"), **HEADER)),
    case("header-session-unbound", UNSURE, visits(trace("app1 app2", "??"), **HEADER), says="declare site.flow"),
    case("header-session-unbound", NOT, visits(trace("app1 app2", "kl"))),
    case("header-session-unbound", UNSURE),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_cases(one: Case, judge: Judge) -> None:
    """Each check fails, passes and says when it cannot tell."""
    verify(one, judge)
