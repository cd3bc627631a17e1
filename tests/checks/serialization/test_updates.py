"""Checks of parallel updates and large sessions: family serialization."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.updates import (
    GONE,
    REFUSED,
    STUCK,
    TOO_BIG,
    climbed,
    growth,
    inside,
    memcached,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("session-ends-at-item-limit", FAIL, climbed(256, ends_kib=1025, **GONE), says="256 KiB lives, one of 1025"),
    case("session-ends-at-item-limit", PASS, climbed(64, 256, 1025, ends_kib=1536, **GONE), says="ends at 1536 KiB"),
    case("session-ends-at-item-limit", PASS, climbed(32, ends_kib=64, **GONE), says="ends at 64 KiB"),
    case("session-ends-at-item-limit", PASS, climbed(64, 256, 1025, 1536), says="lives at 1536 KiB"),
    case("session-ends-at-item-limit", PASS, climbed(64, 256, ends_kib=1025, **REFUSED)),
    case("session-ends-at-item-limit", FAIL, climbed(4, ends_kib=8, **GONE), memcached(8), says="at most 8 KiB"),
    case("session-ends-at-item-limit", PASS, climbed(4, ends_kib=8, **GONE), memcached(64)),
    case("session-ends-at-item-limit", PASS, climbed(32, 64), memcached(8)),
    case("session-ends-at-item-limit", UNSURE, climbed(32, 64), says="--allow interact"),
    case("session-lost-when-large", UNSURE, inside(**TOO_BIG), says="a proxy fails"),
    case("session-lost-when-large", FAIL, inside(**GONE), says="4 KiB still worked"),
    case(
        "session-lost-when-large",
        FAIL,
        growth(direct=GONE, **GONE),
        says="whole session is lost, without an error, at 8",
    ),
    case("session-lost-when-large", FAIL, growth(**GONE), says="4 KiB still worked"),
    case("session-lost-when-large", FAIL, growth(direct=STUCK, **STUCK), says="no longer grow (status 500)"),
    case("session-lost-when-large", FAIL, growth(state="unknown", look_status=500), says="no longer answers"),
    case("session-lost-when-large", PASS, growth(), says="8 KiB survives"),
    case("session-lost-when-large", UNSURE, growth(again=False, **GONE), says="was lost once"),
    case("session-lost-when-large", UNSURE, growth(**REFUSED), says="browser"),
    case("session-lost-when-large", UNSURE, growth(direct={}, **TOO_BIG), says="in front of app1"),
    case("session-lost-when-large", UNSURE, growth(grew=False, status=0, state="unknown"), says="no answer"),
]  # fmt: skip


@pytest.mark.parametrize("row", CASES)
def test_a_case(row: Case, judge: Judge) -> None:
    """Evidence in, findings out."""
    verify(row, judge)
