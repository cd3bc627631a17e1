"""Checks of parallel updates and large sessions: family edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.flows.page_load import Asset
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.updates import (
    BLOCKED,
    GONE,
    REFUSED,
    TOO_BIG,
    growth,
    inside,
    page_load,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

SETTING = (Asset("/logo.png", 200, cacheable=True, sets_session=True),)
CASES = [
    case("session-lost-after-assets", FAIL, page_load(assets=SETTING, after_assets="lost"), says="/logo.png"),
    case("session-lost-after-assets", PASS, page_load()),
    case("session-lost-after-assets", PASS, page_load(assets=SETTING)),
    case("session-lost-after-assets", UNSURE, page_load(after_assets="lost"), says="none of them sets"),
    case("session-lost-after-assets", UNSURE, page_load(after_assets="unknown")),
    case("session-lost-after-assets", NOT, page_load(assets=())),
    case("cacheable-asset-sets-session", FAIL, page_load(assets=SETTING), says="/logo.png"),
    case("cacheable-asset-sets-session", PASS, page_load()),
    case("cacheable-asset-sets-session", NOT, page_load(assets=())),
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
