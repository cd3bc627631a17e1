"""Checks of configuration files: family store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, NOT, PASS, Case, case, verify
from tests.checks.evidence.configs import DATABASE
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("database-replicas-apart", FAIL, configs(DATABASE % 3), says="db has 3"),
    case("database-replicas-apart", PASS, configs(DATABASE % 1)),
    case("database-replicas-apart", PASS, configs((DATABASE % 3).replace("Deployment", "StatefulSet"))),
    case("database-replicas-apart", NOT, configs((DATABASE % 3).replace("postgres", "shop"))),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
