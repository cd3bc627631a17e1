"""Checks of keys and clocks: family keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import cookie, replay
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.keys import (
    BEARERS,
    CLIENT,
    DAY,
    KEYED,
    NOW,
    ONE,
    TWINS,
    key,
    rings,
    signed,
    tokens,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("token-key-unknown", FAIL, tokens(app1={"verified_by": ("app1",), "unknown_to": ("app2",)}, app2={}), says="app2 does not have the key"),
    case("token-key-unknown", FAIL, tokens(app1={"verified_by": ("app1",)}, app2={}), says="another key of that id"),
    case("token-key-unknown", PASS, tokens(app1={}, app2={})),
    case("token-key-unknown", UNSURE, tokens()),
    case("token-refused", FAIL, replay("kkl kkk kkk", cookies=BEARERS, cell={"app1 app3": {"status": 401}}), says="app3 answers 401 to a token of app1"),
    case("token-refused", UNSURE, replay("kkl kkk kkk", cookies=BEARERS, cell={"app1 app3": {"status": 200}})),
    case("token-refused", PASS, replay(cookies=BEARERS)),
    case("token-refused", NOT, replay("kkl kkk kkk", cell={"app1 app3": {"status": 401}})),
    case("key-rings-differ", FAIL, rings(app1=(key(),), app2=(key(),), app3=(key("k3"),)), says="lacks the key that"),
    case("key-rings-differ", PASS, ONE),
    case("key-rings-differ", PASS, rings(app1=(key(), key("old", expires_at=NOW - DAY)), app2=(key(),))),
    case("key-rings-differ", UNSURE, rings(app1=(key(),))),
    case("key-ring-stale", FAIL, rings(app1=(key(expires_at=NOW - 1),)), says="1 are expired"),
    case("key-ring-stale", FAIL, rings(app1=(key(revoked=True),)), says="1 revoked"),
    case("key-ring-stale", FAIL, rings(app1=(key(active_from=NOW + 60),)), says="1 not yet active"),
    case("key-ring-stale", FAIL, rings(app1=()), says="empty"),
    case("key-ring-stale", PASS, ONE),
    case("key-ring-bound-to-machine", FAIL, rings(app1=(key(protected_by="dpapi"),), app2=(key(),)), says="app1 shares a key with app2"),
    case("key-ring-bound-to-machine", PASS, rings(app1=(key(protected_by="dpapi"),), app2=(key("k2"),))),
    case("key-ring-made-twice", FAIL, rings(app1=TWINS), says="5 s apart"),
    case("key-ring-made-twice", PASS, ONE),
    case("cookie-key-unknown", FAIL, replay(cookies=KEYED), rings(app1=(key(),), app2=(key("k2"),)), says="app2 lacks the key"),
    case("cookie-key-unknown", FAIL, replay(cookies=KEYED), rings(app1=(key("k2"),)), says="reads its keys from another place"),
    case("cookie-key-unknown", PASS, replay(cookies=KEYED), ONE),
    case("cookie-key-unknown", NOT, replay(), ONE),
    case("same-key-rejected", FAIL, replay("klk lkl klk", cookies=KEYED), says="with the same key"),
    case("same-key-rejected", PASS, replay(cookies=KEYED)),
    case("same-key-rejected", NOT, replay()),
    case("same-key-rejected", UNSURE, replay("klk lkl klk", cookies={n: cookie(key_id=n) for n in KEYED})),
    case("signed-with-undeclared-secret", FAIL, signed(()), says="no node"),
    case("signed-with-undeclared-secret", FAIL, signed(("app3",)), says="that of app3"),
    case("signed-with-undeclared-secret", PASS, signed(("app1", "app3"))),
    case("signed-with-undeclared-secret", PASS, signed(None)),
    case("signed-with-undeclared-secret", UNSURE, replay(visit={"app1": {"unverified": "pip install x"}}), says="pip install x"),
    case("signed-with-undeclared-secret", NOT, replay(), says="no secret"),
    case("own-cookie-rejected", FAIL, replay("lkk kkk kkk", cookies=CLIENT), says="app1 rejects 1 of 3"),
    case("own-cookie-rejected", FAIL, replay(cookies=CLIENT, cell={"app2 app3": {"back": "lost"}}), says="app2 rejects 1 of 3"),
    case("own-cookie-rejected", PASS, replay("kll lkl llk", cookies=CLIENT)),
    case("own-cookie-rejected", NOT, replay("lkk kkk kkk")),
    case("own-cookie-rejected", UNSURE, replay("?kk k?k kk?", cookies=CLIENT)),
    case("accepted-one-way", FAIL, replay("kkk kkk llk"), says="app3 accepts the sessions of app1"),
    case("accepted-one-way", PASS, replay()),
    case("accepted-one-way", PASS, replay("kkl kkl llk")),
    case("accepted-one-way", UNSURE, replay("kkk kkk llk", cell={f"{i} {j}": {"seen": ("lost", "error")} for i in CLIENT for j in CLIENT if i != j})),
    case("accepted-one-way", UNSURE, replay("kkk kkk llk", cell={"app3 app1": {"seen": ("kept", "lost")}})),
    case("accepted-one-way", UNSURE, replay("k?? ?k? ??k")),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_keys(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
