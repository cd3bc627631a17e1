"""Checks of what access logs say: family app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.access_logs import Absence
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.access_logs import BORN, EXCERPT, NEW_IDS, REPLACED, log

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CAME, LEFT = Absence("app3", 10, 30, came=True), Absence("app1", 31, 90, left=True)
HOURS = {"first_at": 100, "last_at": 400, "births": 5, "births_peak_at": 250}
CASES = [
    case(NEW_IDS, FAIL, log(first_at=9, clients=200, clients_with_new_ids=60), says="60 of 200 clients"),
    case(NEW_IDS, PASS, log(first_at=9, clients=200, clients_with_new_ids=1)),
    case(NEW_IDS, UNSURE, log(clients=200, clients_with_new_ids=60)),
    case(BORN, FAIL, log(**HOURS, births_peak=900), says="900 sessions began at 1970-01-01 04:10 UTC"),
    case(BORN, PASS, log(**HOURS, births_peak=20)),
    case(BORN, PASS, log(**HOURS | {"births_peak": 900, "births_peak_at": 101})),
    case(BORN, UNSURE, log(births_peak=900)),
    case(EXCERPT, FAIL, log(sessions=1, sessions_with_several_addresses=1, denied_kept=1), says="several addresses"),
    case(EXCERPT, PASS, log(sessions=1, sessions_with_several_addresses=1, denied_kept=0)),
    case(EXCERPT, UNSURE, log(denied_kept=9)),
    case(REPLACED, FAIL, log(first_at=9, absences=(CAME, LEFT)), says="app1 went and app3 came"),
    case(REPLACED, PASS, log(first_at=9, absences=(CAME,))),
    case(REPLACED, UNSURE, log(absences=(CAME, LEFT))),
]  # fmt: skip


@pytest.mark.parametrize("each", CASES)
def test_check(each: Case, judge: Judge) -> None:
    """The case's status, with its words."""
    verify(each, judge)
