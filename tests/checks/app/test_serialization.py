"""Checks of how sessions are stored: family app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import replay, trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.flows import rehearsed

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

MAKING = visits(trace("app1 app2", "??", status=500))
BY_TURNS = rehearsed(site=False, node=True)

CASES = [
    case("session-pages-fail", FAIL, visits(trace("app1 app2", "k?", status=500)), says="2 of 2 requests"),
    case("session-pages-fail", UNSURE, visits(trace("app1 app2", "k?", status=503))),
    case("session-pages-fail", PASS, visits()),
    case("session-pages-fail", NOT, visits(trace("app1 app2", "??", status=500), flow=False)),
    case("session-pages-fail", NOT, MAKING, BY_TURNS, says="two nodes share the steps"),
    case("session-pages-fail", NOT, MAKING, BY_TURNS, replay("kl lk"), says="two nodes share the steps"),
    case("session-pages-fail", FAIL, MAKING, BY_TURNS, replay("ke ek")),
    case("session-pages-fail", FAIL, MAKING, BY_TURNS, replay("ll ll")),
    case("session-pages-fail", FAIL, MAKING, rehearsed(site=True)),
    case("session-pages-fail", FAIL, MAKING, rehearsed(site=False, node=False)),
    case("session-pages-fail", FAIL, visits(trace("app1 app2", "k?", status=500)), BY_TURNS),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_serialization(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
