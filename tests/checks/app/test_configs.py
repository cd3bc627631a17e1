"""Checks of configuration files: family app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, NOT, PASS, Case, case, verify
from tests.checks.evidence.configs import FILES
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case(
        "state-in-ephemeral-compute",
        FAIL,
        configs(FILES % "    volumes: [/app/storage/framework/sessions]\n"),
        says="files of shop",
    ),
    case("state-in-ephemeral-compute", PASS, configs(FILES % "    volumes: ['s:/app/storage/framework/sessions']\n")),
    case("state-in-ephemeral-compute", NOT, configs((FILES % "").replace("file}", "redis}"))),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
