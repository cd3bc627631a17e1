"""Checks of what HAProxy's tables show: family affinity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.balancers.stick_tables import ShownTable, StickTables
from sessiondoctor.evidence.location import Location
from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge


def table(balancer: str = "edge", **changes: Any) -> ShownTable:
    """A table with room."""
    plain: dict[str, Any] = {"size": 100, "used": 50, "shown": 50, "longest_s": 3500.0, "servers": {"k": "app1"}}
    return ShownTable(balancer, "app", at=Location("t", 1), **plain | changes)


def tables(*given: ShownTable) -> StickTables:
    """All that were given."""
    return StickTables(given)


ONE, OTHER = {"k1": "app1", "k2": "app2"}, {"k1": "app1", "k2": "app1"}
CASES = [
    case("stick-table-full", FAIL, tables(table(used=100)), says="100 of at most 100"),
    case("stick-table-full", PASS, tables(table())),
    case("stick-table-full", NOT, tables()),
    case("stick-table-full", NOT, tables(table(used=100, servers={}))),
    case("stick-tables-disagree", FAIL, tables(table(servers=ONE), table("b", servers=OTHER)), says="1 of 2 clients"),
    case("stick-tables-disagree", PASS, tables(table(servers=ONE), table("b", servers=ONE))),
    case("stick-tables-disagree", NOT, tables(table(servers=ONE))),
    case("stick-entries-short", FAIL, tables(table()), topology(idle=7200), says="3500 s at most"),
    case("stick-entries-short", PASS, tables(table()), topology()),
    case("stick-entries-short", UNSURE, tables(table()), topology(idle=None)),
    case("stick-entries-short", NOT, tables(table(shown=1)), topology()),
]


@pytest.mark.parametrize("each", CASES)
def test_check(each: Case, judge: Judge) -> None:
    """The case's status, with its words."""
    verify(each, judge)
