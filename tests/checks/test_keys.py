"""Who signs with what, and who accepts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.keys.key_rings import KeyRing, KeyRings, StoredKey
from sessiondoctor.evidence.keys.tokens import Token, Tokens
from sessiondoctor.evidence.network.clocks import Reading
from tests.checks.build import cookie, located, place, replay, topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CLIENT = {name: cookie(holds_state=True, signed=True) for name in ("app1", "app2", "app3")}


def tokens(**of: dict[str, object]) -> Tokens:
    """Tokens of nodes that know each other's keys, unless they say otherwise."""
    every = {"verified_by": tuple(of), "issued_s": -0.5, "not_before_s": -0.5, "expires_s": 3600.0}
    return Tokens(tuple(Token(node, "ES256", "k1", **(every | changes)) for node, changes in of.items()),  # type: ignore[arg-type]
                  dict.fromkeys(of, ("k1",)))  # fmt: skip


def dated(ahead_s: float) -> dict[str, object]:
    """A token of a node whose clock is so far ahead."""
    return {"issued_s": ahead_s - 0.5, "not_before_s": ahead_s - 0.5, "expires_s": ahead_s + 3600.0}


def told(**seconds: float) -> object:
    """Nodes whose cookies say that their clocks are so far ahead."""
    return replay(visit={n: {"clock": Reading(n, "session-cookie", ahead, 0.6)} for n, ahead in seconds.items()})


def signed(app1: object, app2: object = ("app1", "app2", "app3")) -> object:
    """Nodes whose cookies were verified by the secrets of these."""
    every = ("app1", "app2", "app3")
    return replay(visit={"app1": {"signed_by": app1}, "app2": {"signed_by": app2}, "app3": {"signed_by": every}})


IDLE = ("logged-out-after-idle",)
NOW = 1_800_000_000.0
DAY = 86400.0


def key(key_id: str = "k1", **changes: object) -> StoredKey:
    """A key that is active for two months more."""
    times = {"created_at": NOW - 30 * DAY, "active_from": NOW - 30 * DAY, "expires_at": NOW + 60 * DAY}
    return StoredKey(**{"key_id": key_id, "protected_by": "certificate", **times, **changes})  # type: ignore[arg-type]


def rings(**keys: tuple[StoredKey, ...]) -> KeyRings:
    """The rings of nodes by name."""
    return KeyRings(tuple(KeyRing(node, some) for node, some in keys.items()), NOW)


ONE = rings(app1=(key(),), app2=(key(),), app3=(key(),))
KEYED = {name: cookie(key_id="k1", signed=True) for name in ("app1", "app2", "app3")}
TWINS = (key(), key("k2", created_at=NOW - 30 * DAY + 5))
BEARERS = {name: cookie(product="jwt", holds_state=True, signed=True) for name in ("app1", "app2", "app3")}
DATED = tokens(app1={}, app2={}, app3=dated(-90))
UNVERIFIED: dict[str, object] = {"verified_by": ()}

CASES = [
    case("cookie-clock-skew", FAIL, told(app1=-0.5, app2=-0.2, app3=-900.0), topology(), says="app3 signs its cookies 900 s behind"),
    case("cookie-clock-skew", FAIL, told(app1=-0.5, app2=600.0), topology(), says="app2 signs its cookies 600 s ahead"),
    case("cookie-clock-skew", PASS, told(app1=-0.9, app2=-0.1, app3=1.0), topology()),
    case("cookie-clock-skew", PASS, told(app1=0.0, app2=3.1), topology(idle=None)),  # by what either may be, 1.9 s
    case("cookie-clock-skew", FAIL, told(app1=0.0, app2=5.0), topology(idle=None), says="app2 signs its cookies 5 s ahead"),
    case("cookie-clock-skew", UNSURE, told(app1=-0.9), topology()),
    case("cookie-clock-skew", NOT, replay(), topology()),
    case("token-key-unknown", FAIL, tokens(app1={"verified_by": ("app1",), "unknown_to": ("app2",)}, app2={}), says="app2 does not have the key"),
    case("token-key-unknown", FAIL, tokens(app1={"verified_by": ("app1",)}, app2={}), says="another key of that id"),
    case("token-key-unknown", PASS, tokens(app1={}, app2={})),
    case("token-key-unknown", UNSURE, tokens()),
    case("token-refused", FAIL, replay("kkl kkk kkk", cookies=BEARERS, cell={"app1 app3": {"status": 401}}), says="app3 answers 401 to a token of app1"),
    case("token-refused", UNSURE, replay("kkl kkk kkk", cookies=BEARERS, cell={"app1 app3": {"status": 200}})),
    case("token-refused", PASS, replay(cookies=BEARERS)),
    case("token-refused", NOT, replay("kkl kkk kkk", cell={"app1 app3": {"status": 401}})),
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
