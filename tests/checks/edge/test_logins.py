"""Checks of logins and forms: family edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.logins import (
    at_entry,
    forms,
    with_login,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("form-rejected-at-entry-only", FAIL, at_entry("arr", kept=True), says="2 of 3 forms are rejected at the public"),
    case("form-rejected-at-entry-only", PASS, at_entry("arr", kept=False)),
    case("form-rejected-at-entry-only", PASS, at_entry("arr", kept=True, rows="ar ra")),
    case("form-rejected-at-entry-only", PASS, forms()),
    case("form-rejected-at-entry-only", UNSURE, at_entry("arr", kept=True, rows="")),
    case("form-cached", FAIL, forms(cached=True, tokens_shared=3), says="3 new clients"),
    case("form-cached", FAIL, forms(cached=True), with_login()),
    case("form-cached", FAIL, forms(tokens_shared=2), says="2 new clients"),
    case("form-cached", PASS, forms(), says="of its own"),
    case("form-cached", UNSURE, forms(tokens_shared=4), with_login(), says="one user"),
    case("form-cached", UNSURE, forms(entry="??ee")),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_logins_and_forms(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
