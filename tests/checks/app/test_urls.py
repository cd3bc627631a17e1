"""Checks of several URLs of one site: family app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import cookie, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.urls import entry_points

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("urls-have-own-cookies", FAIL, entry_points(session_cookies=("adminsid",)), visits(), says="adminsid"),
    case("urls-have-own-cookies", PASS, entry_points(), visits()),
    case("urls-have-own-cookies", UNSURE, entry_points(), visits(cookies=(cookie("affinity"),))),
    case("urls-have-own-cookies", NOT, entry_points(trouble="refused"), visits()),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_urls(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
