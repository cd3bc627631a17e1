"""Checks of the ways into a site: addresses, URLs, balancers, and the client's own addresses: family edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.entry_points import (
    REFUSED,
    WITHHELD,
    address,
    entry_points,
    plain,
    url,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("origins-disagree", FAIL, entry_points(plain("lll", withheld=WITHHELD, raw="kk")), says=f"http://shop.test/: {WITHHELD}"),
    case("origins-disagree", FAIL, entry_points(plain("lll", withheld=WITHHELD))),
    case("origins-disagree", FAIL, entry_points(url("???", withheld="Path=/x", session_cookies=("sid",)), flow=False)),
    case("origins-disagree", PASS, entry_points(url("lll"))),
    case("origins-disagree", PASS, entry_points(plain("", leads_to="https://shop.test:443")), says="redirects to"),
    case("origins-disagree", PASS, entry_points(plain(withheld=WITHHELD, leads_to="https://shop.test:443")), says="redirects to"),
    case("origins-disagree", UNSURE, entry_points(url("lll", withheld="Path=/x", raw="ll")), says="even to a client"),
    case("origins-disagree", UNSURE, entry_points(url("???", withheld="Path=/x"), flow=False), says="whether it is missed"),
    case("origins-disagree", UNSURE, entry_points(url(**REFUSED)), says="refused"),
    case("origins-disagree", UNSURE, entry_points(plain("lll", withheld=WITHHELD, raw="kk"), home_lost=True)),
    case("origins-disagree", NOT, entry_points(plain(**REFUSED))),
    case("origins-disagree", NOT, entry_points(address(states="lll"))),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_doors(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


@pytest.mark.parametrize(("raw", "confidence"), [("kk", "firm"), ("", "tentative")])
def test_how_sure_it_is_that_the_cookie_is_missed(raw: str, confidence: str, judge: Judge) -> None:
    """Firm where the same session is there with the cookie."""
    (found,) = judge("origins-disagree", entry_points(plain("lll", withheld=WITHHELD, raw=raw)))
    assert found.confidence == confidence
