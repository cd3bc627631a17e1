"""Checks of flows: family affinity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import replay
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.flows import handed_out, rehearsed
from tests.checks.evidence.nodes import shown

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("flow-refused-by-turns", FAIL, rehearsed(site=False, apart=True), says="takes turns"),
    case("flow-refused-by-turns", FAIL, rehearsed(site=False, node=True), says="the same steps work on app1"),
    case("flow-refused-by-turns", PASS, rehearsed(site=True)),
    case("flow-refused-by-turns", UNSURE, rehearsed(site=False, apart=False, node=False), says="works nowhere"),
    case("flow-refused-by-turns", NOT, rehearsed(site=False, apart=True, dropped=("sid: Secure",)), says="cookie"),
    case("flow-refused-by-turns", NOT, handed_out("visitor"), replay(), says="never sets sid"),
    case("flow-refused-by-turns", FAIL, handed_out("visitor", "sid"), replay(), says="work on app1"),
    case("flow-refused-by-turns", FAIL, handed_out("visitor"), says="work on app1"),
    case("flow-refused-by-turns", NOT, rehearsed(site=False, node=True, status=502), says="a proxy answered status 502"),
    case("flow-refused-by-turns", FAIL, rehearsed(site=False, node=True, status=500), says="work on app1"),
    case("flow-refused-by-turns", NOT, rehearsed()),
    case("flow-refused-by-turns", NOT, rehearsed(site=False, node=True), shown(app1="llll llll"), says="is found through the site"),
    case("flow-refused-by-turns", FAIL, rehearsed(site=False, node=True), shown(app1="lkll llll"), says="work on app1"),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_flows(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
