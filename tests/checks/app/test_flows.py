"""Checks of flows: family app."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.nodes.same_node import SameNode, Tried
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.flows import KNOWN, TORN

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("session-saved-late", NOT, SameNode({})),
    case("other-address-loses-session", NOT, SameNode({})),
    case("session-saved-late", FAIL, replace(KNOWN, tries=(Tried("kept"), Tried("lost", "kept"))), says="1 of 2 reads"),
    case("session-saved-late", PASS, KNOWN, says="at once (5 tries)"),
    case("session-saved-late", UNSURE, replace(KNOWN, tries=(Tried("lost", "lost"),)), says="not there later either"),
    case("session-saved-late", UNSURE, replace(KNOWN, tries=())),
    case("session-saved-late", UNSURE, TORN, says="at some requests only"),
    case("other-address-loses-session", FAIL, replace(KNOWN, other_address="lost"), says="another forwarded address"),
    case("other-address-loses-session", FAIL, replace(KNOWN, other_address="lost", same_again="lost"), says="it is gone"),
    case("other-address-loses-session", PASS, KNOWN),
    case("other-address-loses-session", UNSURE, replace(KNOWN, same_address="lost")),
    case("other-address-loses-session", UNSURE, TORN),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_flows(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
