"""Checks of configuration files of applications and stores: family serialization."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

INI = "session.save_handler = redis\nsession.serialize_handler = %s\n"

CASES = [
    case("serializers-configured-differ", FAIL, configs(app1=INI % "php", app2=INI % "igbinary"), topology(), says="igbinary"),
    case("serializers-configured-differ", PASS, configs(app1=INI % "php", app2=INI % "php"), topology()),
    case("serializers-configured-differ", NOT, configs(INI % "php"), topology()),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
