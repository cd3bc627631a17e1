"""Checks of keys and clocks: family time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import located, place, replay, topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.keys import (
    CLIENT,
    DATED,
    IDLE,
    UNVERIFIED,
    dated,
    tokens,
    told,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("cookie-clock-skew", FAIL, told(app1=-0.5, app2=-0.2, app3=-900.0), topology(), says="app3 signs its cookies 900 s behind"),
    case("cookie-clock-skew", FAIL, told(app1=-0.5, app2=600.0), topology(), says="app2 signs its cookies 600 s ahead"),
    case("cookie-clock-skew", PASS, told(app1=-0.9, app2=-0.1, app3=1.0), topology()),
    case("cookie-clock-skew", PASS, told(app1=0.0, app2=3.1), topology(idle=None)),  # by what either may be, 1.9 s
    case("cookie-clock-skew", FAIL, told(app1=0.0, app2=5.0), topology(idle=None), says="app2 signs its cookies 5 s ahead"),
    case("cookie-clock-skew", UNSURE, told(app1=-0.9), topology()),
    case("cookie-clock-skew", NOT, replay(), topology()),
    case("token-not-yet-valid", FAIL, tokens(app1={"not_before_s": 30.0}), replay("kll kkk kkk"), says="only in 30 s"),
    case("token-not-yet-valid", FAIL, tokens(app1={"not_before_s": 30.0}), replay("k?? kkk kkk"), says="only in 30 s"),
    case("token-not-yet-valid", PASS, tokens(app1={"not_before_s": 30.0}), replay(), says="within a leeway"),
    case("token-not-yet-valid", PASS, tokens(app1={}), replay()),
    case("token-not-yet-valid", UNSURE, tokens(app1={"issued_s": None, "not_before_s": None}), replay()),
    case("token-dates-refused", FAIL, DATED, replay("kkl kkl kkk"), says="by its clock a token of app1 is valid only in 90 s"),
    case("token-dates-refused", FAIL, tokens(app1={}, app2={}, app3=dated(90)), replay("kkk kkk llk"), says="refuses what app3 issues"),
    case("token-dates-refused", FAIL, tokens(app1={"expires_s": 60.0}, app2=dated(90)), replay("kl kk"), says="expired 30 s ago"),
    case("token-dates-refused", PASS, tokens(app1={}, app2={}, app3={}), replay()),
    case("token-dates-refused", PASS, DATED, replay(), says="within a leeway"),
    case("token-dates-refused", PASS, tokens(app1={}, app2={}, app3={}), replay("kkl kkl llk"), says="dates"),
    case("token-dates-refused", UNSURE, tokens(app1={"issued_s": None}, app2={"issued_s": None}), replay("kk kk")),
    case("token-dates-refused", UNSURE, DATED, replay("kk? kk? kkk")),
    case("token-dates-refused", UNSURE, tokens(app1=UNVERIFIED, app2=UNVERIFIED | dated(-90)), replay("kl lk")),
    case("token-short-lived", FAIL, tokens(app1={"expires_s": 900.0}), topology(), says="after 900 s"),
    case("token-short-lived", FAIL, tokens(app1={"expires_s": -60.0}), topology(idle=None), says="expired 60 s before"),
    case("token-short-lived", PASS, tokens(app1={}), topology()),
    case("token-short-lived", UNSURE, tokens(app1={"expires_s": None}), topology()),
    case("idle-timeout-uniform", FAIL, located(), topology(symptoms=IDLE), says="every session ends 1800 s after"),
    case("idle-timeout-uniform", FAIL, located(), topology(idle=None, symptoms=IDLE), says="1800 s"),
    case("idle-timeout-uniform", PASS, located(app2=[place(ttl_s=60.0)]), topology(symptoms=IDLE)),
    case("idle-timeout-uniform", PASS, located(app2=[place(ttl_after_read_s=1700.0)]), topology(symptoms=IDLE)),
    case("idle-timeout-uniform", PASS, located(**{n: [place(ttl_s=60.0, ttl_after_read_s=60.0)] for n in CLIENT}), topology(symptoms=IDLE)),
    case("idle-timeout-uniform", NOT, located(), topology()),
    case("idle-timeout-uniform", UNSURE, located(app2=[place(ttl_after_read_s=None)]), topology(symptoms=IDLE)),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_keys(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
