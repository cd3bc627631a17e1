"""Checks of configuration against what the topology declares: family app."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.topology.model import Configured
from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

FILES = configs(app1="SESSION_SECRET=abcdef\n")
READ = Configured(("site", "idle_timeout"), "1200 s", "app1/.env", 3)
TOPOLOGY = topology()

CASES = [
    case("declared-otherwise-than-configured", PASS, FILES, replace(TOPOLOGY, configured=(READ,)), says="app1/.env:3"),
    case("declared-otherwise-than-configured", FAIL, FILES,
         replace(TOPOLOGY, configured=(replace(READ, declared="1800 s"),)), says="is declared as 1800 s"),
    case("declared-otherwise-than-configured", NOT, FILES, TOPOLOGY),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
