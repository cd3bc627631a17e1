"""Checks of how sessions are stored: family replication."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import replay, topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.serialization import fates

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("session-arrives-empty", FAIL, replay("kll lkl llk", cell=fates("rewritten")), topology("replicated"), says="6 of 6 pairs"),
    case("session-arrives-empty", PASS, replay("kll lkl llk", cell=fates("renewed")), topology("replicated")),
    case("session-arrives-empty", PASS, replay("kkk kkk kkk", cell=fates("rewritten")), topology("replicated")),
    case("session-arrives-empty", UNSURE, replay("kll lkl llk", cell=fates("same")), topology("replicated")),
    case("session-arrives-empty", NOT, replay("kll lkl llk", cell=fates("rewritten")), topology("sticky")),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_serialization(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
