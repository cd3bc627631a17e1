"""Checks of configuration files of applications and stores: family replication."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CODE = "<?php\nsession_start();\n%ssession_regenerate_id(true);\n"
LOST = topology(symptoms=("state-lost",))

CASES = [
    case("id-replaced-on-each-view", FAIL, configs(CODE % ""), LOST),
    case("id-replaced-on-each-view", UNSURE, configs(CODE % ""), topology()),
    case("id-replaced-on-each-view", PASS, configs(CODE % "login();\n"), LOST),
    case("id-replaced-on-each-view", NOT, configs("session.save_handler = files\n"), LOST),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
