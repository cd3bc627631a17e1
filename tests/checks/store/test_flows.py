"""Checks of flows: family store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.nodes.same_node import SameNode
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.flows import KNOWN, TORN

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("node-knows-at-times", FAIL, TORN, says="app1 knew one session at 2 of 3 requests"),
    case("node-knows-at-times", PASS, KNOWN),
    case("node-knows-at-times", PASS, replace(KNOWN, looks={"app1": ("lost",) * 5})),
    case("node-knows-at-times", UNSURE, replace(KNOWN, looks={"app1": ("kept", "kept", "lost", "lost")}), says="no more"),
    case("node-knows-at-times", NOT, SameNode({}), says="no state was lost"),
    case("node-knows-at-times", UNSURE, replace(KNOWN, looks={"app1": ("kept", "lost", "error")})),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_flows(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
