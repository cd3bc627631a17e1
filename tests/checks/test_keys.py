"""Who signs with what, and who accepts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import cookie, replay
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CLIENT = {name: cookie(holds_state=True, signed=True) for name in ("app1", "app2", "app3")}


def signed(app1: object, app2: object = ("app1", "app2", "app3")) -> object:
    """Nodes whose cookies were verified by the secrets of these."""
    every = ("app1", "app2", "app3")
    return replay(visit={"app1": {"signed_by": app1}, "app2": {"signed_by": app2}, "app3": {"signed_by": every}})


CASES = [
    case("signed-with-undeclared-secret", FAIL, signed(()), says="no node"),
    case("signed-with-undeclared-secret", FAIL, signed(("app3",)), says="that of app3"),
    case("signed-with-undeclared-secret", PASS, signed(("app1", "app3"))),
    case("signed-with-undeclared-secret", PASS, signed(None)),
    case("signed-with-undeclared-secret", NOT, replay(), says="no secret"),
    case("own-cookie-rejected", FAIL, replay("lkk kkk kkk", cookies=CLIENT), says="app1 rejects 1 of 3"),
    case("own-cookie-rejected", FAIL, replay(cookies=CLIENT, cell={"app2 app3": {"back": "lost"}}), says="app2 rejects 1 of 3"),
    case("own-cookie-rejected", PASS, replay("kll lkl llk", cookies=CLIENT)),
    case("own-cookie-rejected", NOT, replay("lkk kkk kkk")),
    case("own-cookie-rejected", UNSURE, replay("?kk k?k kk?", cookies=CLIENT)),
    case("accepted-one-way", FAIL, replay("kkk kkk llk"), says="app3 accepts the sessions of app1"),
    case("accepted-one-way", PASS, replay()),
    case("accepted-one-way", PASS, replay("kkl kkl llk")),
    case("accepted-one-way", UNSURE, replay("kkk kkk llk", cell={f"{i} {j}": {"seen": ("lost", "kept")} for i in CLIENT for j in CLIENT if i != j})),
    case("accepted-one-way", UNSURE, replay("k?? ?k? ??k")),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_keys(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
