"""Checks of the ways into a site: addresses, URLs, balancers, and the client's own addresses: family app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.entry_points import (
    DOUBT,
    REFUSED,
    RENEWED,
    WITHHELD,
    entry_points,
    plain,
    url,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("urls-know-different-sessions", FAIL, entry_points(url("lll")), says="although its cookie is sent"),
    case("urls-know-different-sessions", FAIL, entry_points(url("lll", withheld="Path=/x", raw="ll"))),
    case("urls-know-different-sessions", FAIL, entry_points(url("??", there=RENEWED), flow=False), says="does not know"),
    case("urls-know-different-sessions", FAIL, entry_points(url("???", session_cookies=("adminsid",))), says="its own, adminsid"),
    case("urls-know-different-sessions", PASS, entry_points(url(session_cookies=("adminsid",)))),
    case("urls-know-different-sessions", PASS, entry_points(url("lll", withheld="Path=/x", raw="kk"))),
    case("urls-know-different-sessions", PASS, entry_points(plain("", leads_to="https://shop.test:443"))),
    case("urls-know-different-sessions", UNSURE, entry_points(url("?", there=DOUBT)), says="not seen there either"),
    case("urls-know-different-sessions", UNSURE, entry_points(plain("lll", withheld=WITHHELD)), says=WITHHELD),
    case("urls-know-different-sessions", UNSURE, entry_points(url(**REFUSED)), says="refused"),
    case("urls-know-different-sessions", UNSURE, entry_points(url("lll"), home_lost=True)),
    case("urls-know-different-sessions", NOT, entry_points(plain(**REFUSED))),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_doors(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
