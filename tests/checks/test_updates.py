"""Lost updates, requests that queue, and sessions that grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.updates import Burst, Queue, Updates
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge


def burst(**changes: Any) -> Burst:
    """Of a site that counts everything."""
    settings: dict[str, Any] = {"way": "site", "alone": 6, "alone_counted": 6, "parallel": 12}
    return Burst(**(settings | {"counted": 12, "counted_later": 12} | changes))


def updates(*bursts: Burst) -> Updates:
    """Bursts, and nothing about queues."""
    return Updates(bursts or (burst(),))


def queue(one_s: float, own_s: float) -> Updates:
    """Twelve requests in one session, and in sessions of their own."""
    return Updates((burst(),), Queue("app1", 12, 0.03, one_s, own_s))


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
    case("requests-of-a-session-queue", PASS, queue(0.04, 0.01)),
    case("requests-of-a-session-queue", UNSURE, updates()),
]


@pytest.mark.parametrize("row", CASES)
def test_a_case(row: Case, judge: Judge) -> None:
    """Evidence in, findings out."""
    verify(row, judge)
