"""Checks of parallel updates and large sessions: family edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.updates import (
    BLOCKED,
    GONE,
    REFUSED,
    TOO_BIG,
    growth,
    inside,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case(
        "cookie-outgrows-browser", FAIL, growth(**REFUSED), says="at 8 KiB of session the cookie session has 8300 bytes"
    ),
    case("cookie-outgrows-browser", PASS, growth()),
    case("cookie-outgrows-browser", UNSURE, growth(**TOO_BIG), says="502"),
    case("proxy-rejects-large-session", FAIL, growth(direct={"cookie_bytes": 4300}, **TOO_BIG), says="cookie of 4300"),
    case("proxy-rejects-large-session", FAIL, growth(direct={}, **BLOCKED), says="400 at 8 KiB"),
    case("proxy-rejects-large-session", PASS, growth(direct=TOO_BIG, **TOO_BIG), says="app1 itself answers 502"),
    case("proxy-rejects-large-session", PASS, growth(direct=GONE, **GONE)),
    case("proxy-rejects-large-session", PASS, growth(again=False, **TOO_BIG)),
    case("proxy-rejects-large-session", PASS, growth()),
    case("proxy-rejects-large-session", FAIL, inside(**TOO_BIG), says="502 at 8 KiB; no node"),
    case("proxy-rejects-large-session", UNSURE, inside(**BLOCKED), says="no node could be asked"),
    case("proxy-rejects-large-session", UNSURE, growth(**TOO_BIG), says="no node could be asked"),
]  # fmt: skip


@pytest.mark.parametrize("row", CASES)
def test_a_case(row: Case, judge: Judge) -> None:
    """Evidence in, findings out."""
    verify(row, judge)
