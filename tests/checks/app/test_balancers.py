"""Checks of what balancers say of themselves, and of several layers of them: family app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import replay, trace, visits
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("session-thrown-away", FAIL, visits(trace("app1 app1", "kl", set_cookies=("sid",)), strangers_set=False),
         replay(), says="app1 replaces sid of a session that it should know"),
    case("session-thrown-away", PASS, visits(trace("app1 app1", "kk", set_cookies=("sid",)), strangers_set=False), replay()),
    case("session-thrown-away", PASS, visits(trace("app1 app1", "kl"), strangers_set=False), replay()),
    case("session-thrown-away", UNSURE, visits(trace("app1 app1", "kl", set_cookies=("sid",)), strangers_set=True), replay()),
    case("session-thrown-away", UNSURE, visits(trace("app1 app1", "kl", set_cookies=("sid",)), strangers_set=False),
         replay("lll lll lll")),
    case("session-thrown-away", FAIL, visits(trace("app1 app2", "kl", set_cookies=("sid",)), strangers_set=False), replay()),
    case("session-thrown-away", UNSURE, visits(trace("app1 app2", "kl", set_cookies=("sid",)), strangers_set=False),
         replay("kll lkl llk")),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_balancers(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
