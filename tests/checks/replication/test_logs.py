"""Checks of logs: family replication."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.logs import Hit, Log
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge


def alone(name: str, signature: str = "jgroups-alone") -> Log:
    """The log of a node that is alone."""
    return Log(name, f"{name}.log", hits=(Hit(signature, 1, 1),))


CASES = [
    case("log-members-alone", FAIL, alone("kc1"), alone("kc2", "jgroups-coordinator-alone"), says="kc1, kc2"),
    case("log-members-alone", UNSURE, alone("kc1"), Log("kc2", "kc2.log")),
    case("log-members-alone", PASS, alone("kc1"), alone("kc2"), alone("kc3", "infinispan-merged")),
    case("log-members-alone", NOT, Log("kc1", "kc1.log"), Log("kc2", "kc2.log")),
]


@pytest.mark.parametrize("each", CASES)
def test_check(each: Case, judge: Judge) -> None:
    """The case's status, with its words."""
    verify(each, judge)
