"""Checks of configuration files: family app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.configs.files import ConfigFile, Configs
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.configs_affinity import (
    ingress,
)
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("file-not-recognised", PASS, configs(ingress()), says="kubernetes"),
    case("file-not-recognised", UNSURE, Configs((ConfigFile("a", "a", note="unknown"),)), says="unknown"),
    case("file-not-recognised", FAIL, Configs((ConfigFile("a", "a", "env", note="cut"),)), says="in part"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
