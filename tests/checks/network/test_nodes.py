"""Checks of what differs between nodes: family network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import names
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("resolvers-disagree", FAIL, names("192.0.2.1", "192.0.2.2"), says="192.0.2.2"),
    case("resolvers-disagree", PASS, names("192.0.2.1 192.0.2.2", "192.0.2.2 192.0.2.1")),
    case("resolvers-disagree", UNSURE, names("192.0.2.1")),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_nodes(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
