"""Checks of configuration against what was observed: family store."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.checks.build import census
from tests.checks.cases import FAIL, NOT, PASS, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

COUNTED = census()
TTL = next(group.timeout_s for group in COUNTED.groups if group.timeout_s)


def told(minutes: float) -> str:
    """A file that gives sessions so many minutes."""
    return f"SESSION_DRIVER=redis\nSESSION_LIFETIME={minutes:.0f}\n"


CASES = [
    case("configured-lifetime-differs", PASS, configs(app1=told(TTL / 60)), COUNTED),
    case("configured-lifetime-differs", FAIL, configs(app1=told(TTL / 30)), COUNTED, says="are configured"),
    case("configured-lifetime-differs", PASS, configs(app1=told(TTL / 120)), COUNTED),
    case("configured-lifetime-differs", NOT, configs(app1=told(TTL / 30)), replace(COUNTED, groups=())),
    case("configured-lifetime-differs", NOT, configs(app1="SESSION_SECRET=abcdef\n"), COUNTED),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
