"""Checks of parallel updates and large sessions: family store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.flows.updates import Updates
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.updates import (
    burst,
    queue,
    updates,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("updates-lost", FAIL, updates(burst(counted=1, counted_later=1)), says="11 of 12 increments"),
    case("updates-lost", FAIL, updates(burst(), burst(way="node", nodes=("app1",), counted=11, counted_later=11))),
    case("updates-lost", FAIL, updates(burst(counted=3, counted_later=None)), says="9 of 12"),
    case("updates-lost", PASS, updates()),
    case("updates-lost", PASS, updates(burst(counted=4, counted_later=12))),
    case("updates-lost", PASS, updates(burst(parallel=9, counted=9, counted_later=9)), says="all 9"),
    case("updates-lost", UNSURE, updates(burst(alone_counted=2, trouble="one after the other")), says="one after"),
    case("updates-lost", UNSURE, updates(burst(counted=-6, counted_later=-6)), says="session itself was lost"),
    case("updates-lost", UNSURE, updates(burst(alone=0, alone_counted=0, trouble="status 500")), says="status 500"),
    case("updates-lost", UNSURE, Updates(())),
    case("requests-of-a-session-queue", FAIL, queue(0.48, 0.12), says="0.48 s in one session and 0.12 s"),
    case("requests-of-a-session-queue", PASS, queue(0.12, 0.12)),
    case("requests-of-a-session-queue", PASS, queue(0.40, 0.30)),
    case("requests-of-a-session-queue", PASS, queue(0.20, 0.07)),
    case("requests-of-a-session-queue", PASS, queue(0.04, 0.01)),
    case("requests-of-a-session-queue", UNSURE, updates()),
]  # fmt: skip


@pytest.mark.parametrize("row", CASES)
def test_a_case(row: Case, judge: Judge) -> None:
    """Evidence in, findings out."""
    verify(row, judge)
