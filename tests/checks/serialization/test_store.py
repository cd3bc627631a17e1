"""Checks of stores: family serialization."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.stores.census import Quantiles
from tests.checks.build import census, located, place
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("sessions-large", FAIL, census(size_bytes=Quantiles(9, 1, 1, 200_000, 200_000)), says="195 KiB"),
    case("sessions-large", PASS, census()),
    case("sessions-large", UNSURE, census(size_bytes=None)),
    case("encodings-mixed", FAIL, census(encodings={"json": 9, "php": 3}), located(), says="json and php"),
    case("encodings-mixed", FAIL, census(), located(app2=[place(encoding="java")]), says="app2 writes java"),
    case("encodings-mixed", PASS, census(encodings={"json": 9, "php": 1, "unknown": 5}), located()),
    case("encodings-mixed", UNSURE, census(encodings={})),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_store_and_serialization(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
