"""Checks of several URLs of one site: family edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.urls import OTHER_SESSION, entry_points

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("urls-share-cookie-name", FAIL, entry_points(**OTHER_SESSION), visits(), says="both call it sid"),
    case("urls-share-cookie-name", PASS, entry_points(**OTHER_SESSION | {"back": "k"}), visits()),
    case("urls-share-cookie-name", PASS, entry_points(**OTHER_SESSION, session_cookies=("other",)), visits()),
    case("urls-share-cookie-name", UNSURE, entry_points(), visits(cookies=())),
    case("urls-share-cookie-name", NOT, entry_points(kind="source"), visits()),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_urls(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
