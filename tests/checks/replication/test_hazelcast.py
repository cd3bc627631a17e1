"""Checks of clusters that share sessions in their own memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.stores.hazelcast_members import HazelcastMember, HazelcastMembers
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge


def counting(*sizes: int, silent: int = 0) -> HazelcastMembers:
    """Members that count so many, and others that do not answer."""
    members = tuple(HazelcastMember(f"10.0.0.{number}:5701", size) for number, size in enumerate(sizes, start=1))
    return HazelcastMembers("grid", len(sizes) + silent, members, ("10.0.0.9:5701",) * silent)


CASES = [
    case("members-missing", FAIL, counting(1, 1), says="10.0.0.1:5701 sees 1 of 2"),
    case("members-missing", FAIL, counting(2, 2, 1), says="10.0.0.3:5701 sees 1"),
    case("members-missing", FAIL, counting(1, 1, silent=1)),
    case("members-missing", UNSURE, counting(2, 2, silent=1), says="10.0.0.9:5701 does not answer"),
    case("members-missing", PASS, counting(2, 2), says="sees 2 members"),
    case("members-missing", PASS, counting(3, silent=2)),
    case("members-missing", UNSURE),
]


@pytest.mark.parametrize("one", CASES)
def test_members(one: Case, judge: Judge) -> None:
    """Each case comes out as the table says."""
    verify(one, judge)
