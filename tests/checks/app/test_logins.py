"""Checks of logins and forms: family app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import replay, trace
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.logins import (
    SAME,
    login,
    logins,
    refused,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("session-id-not-rotated", FAIL, logins(login(**SAME), login(**SAME)), says="2 of 2"),
    case("session-id-not-rotated", PASS, logins()),
    case("session-id-not-rotated", PASS, logins(login("", before="sid:1", after="sid:2"))),
    case("session-id-not-rotated", UNSURE, logins(login(before=""))),
    case("session-id-not-rotated", UNSURE, logins(login("lll", **SAME)), says="worked"),
    case("session-id-not-rotated", UNSURE, logins(refused(401))),
    case("session-id-not-rotated", NOT, logins(login(**SAME), comparable=False)),
    case("login-fails", PASS, logins()),
    case("login-fails", PASS, logins(login("kkl"), login())),
    case("login-fails", FAIL, logins(login(), refused(403)), says="1 of 2 logins fail: POST /login: status 403"),
    case("login-fails", FAIL, logins(login(), login("lll")), says="the next page does not know it"),
    case("login-fails", FAIL, logins(login("lll"), login("lll"))),
    case("login-fails", FAIL, logins(login("lll", "i i"), login("lll", "i i")), says="although nodes"),
    case("login-fails", FAIL, logins(refused(500), refused(502)), says="server error"),
    case("login-fails", FAIL, logins(refused(419, "app1 app2"), refused(419, "app1 app2")), says="app1 and app2"),
    case("login-fails", FAIL, logins(refused(401), refused(401)), replay(), says="status 401"),
    case("login-fails", UNSURE, logins(refused(401), refused(401)), replay("lll lll lll"), says="site.flow.login"),
    case("login-fails", UNSURE, logins(refused(401, "app1 app2"), refused(401)), says="site.flow.login"),
    case("login-fails", UNSURE, logins(refused(0, text="timed out")), says="timed out"),
    case("login-fails", UNSURE, logins(login("")), says="site.flow.logged_in"),
    case("login-fails", UNSURE, logins(login(trace("app1", "?", trouble="status 429"))), says="429"),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_logins_and_forms(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
