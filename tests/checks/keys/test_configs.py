"""Checks of configuration files: family keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, NOT, PASS, Case, case, verify
from tests.checks.evidence.configs import PMA
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("secret-made-at-start", FAIL, configs(PMA % ""), says="PMA_BLOWFISH_SECRET"),
    case("secret-made-at-start", PASS, configs("SESSION_SECRET=abcdefgh\nA=1\n")),
    case(
        "secret-made-at-start", NOT, configs(PMA % "    volumes: ['./c.php:/etc/phpmyadmin/config.secret.inc.php']\n")
    ),
    case("secret-made-at-start", NOT, configs(PMA % "    env_file: .env\n")),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
