"""Checks of stores: family store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.entry.visits import Reread
from sessiondoctor.evidence.stores.census import Quantiles
from sessiondoctor.evidence.stores.store_reach import StoreReach
from tests.checks.build import census, located, place, replay, topology, trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.store import NOWHERE, reread, told

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("session-not-in-store", FAIL, located(app2=[]), says="app2"),
    case("session-not-in-store", PASS, located()),
    case("session-not-in-store", UNSURE, located(searchable=False, why_not="the id is encrypted"), says="encrypted"),
    case("session-kept-outside-stores", FAIL, located(app2=[]), visits(trace("app2 app1 app2", "klk")), says="app2 knows"),
    case("session-kept-outside-stores", FAIL, located(app2=[]), visits(), replay("kll lkl llk"), says="app2 knows"),
    case("session-kept-outside-stores", PASS, located(app2=[]), visits(trace("app2 app2", "kl"))),
    case("session-kept-outside-stores", PASS, located(app2=[]), visits(), replay("klk lll klk")),
    # After another node replaced the session, its loss says nothing of the node that made it.
    case("session-kept-outside-stores", UNSURE, located(app2=[]), visits(trace("app2 app1 app2", "kll", "a b b"))),
    case("session-kept-outside-stores", UNSURE, located(app2=[]), visits(trace("app1 app2", "kl"))),
    case("session-kept-outside-stores", UNSURE, located(searchable=False, why_not="the id is encrypted"), visits()),
    case("session-kept-outside-stores", NOT, located(), visits()),
    case("sessions-in-different-stores", FAIL, located(app2=[place(home="10.0.0.9:6379/1")]), says="app2"),
    case("sessions-in-different-stores", FAIL, located(app2=[place(home="b:6379/0")]), says="b:6379"),
    case("sessions-in-different-stores", PASS, located()),
    case("sessions-in-different-stores", UNSURE, located(app2=[]), says="app2"),
    case("sessions-in-different-stores", UNSURE, located(**NOWHERE)),
    case("sessions-under-different-prefixes", FAIL, located(app2=[place(prefix="shop:")]), says="'shop:'"),
    case("sessions-under-different-prefixes", PASS, located()),
    case("sessions-under-different-prefixes", UNSURE, located(**NOWHERE)),
    case("store-urls-differ", FAIL, told("redis://a:1/0", "redis://a:1/0", "redis://:pw@b:1/0"), says="b:1/0"),
    case("store-urls-differ", PASS, told("redis://:one@a:1/0", "redis://:two@a:1/0")),
    case("store-urls-differ", NOT, topology()),
    case("session-deleted-by-read", FAIL, located(gone={"app1": ("app2",)}), says="app2"),
    case("session-deleted-by-read", PASS, located()),
    case("session-deleted-by-read", UNSURE, located(**NOWHERE)),
    case("ttl-below-idle", FAIL, located(app1=[place(ttl_s=60.0)]), topology(), says="60 s"),
    case("ttl-below-idle", PASS, located(app1=[place(ttl_s=1798.0)], app2=[place(ttl_s=-1.0)]), topology()),
    case("ttl-below-idle", FAIL, located(app1=[place(ttl_s=1800.0, beyond_s=300.0)]), topology(), says="1500 s"),
    case("ttl-below-idle", PASS, located(app1=[place(ttl_s=2100.0, beyond_s=300.0)]), topology()),
    case("ttl-below-idle", FAIL, located(app1=[place(ttl_last_s=59.0, last_s=2.0)]), topology(), says="to 61 s"),
    case("ttl-below-idle", PASS, located(app1=[place(ttl_last_s=1797.0, last_s=3.0)]), topology()),
    case("ttl-below-idle", NOT, located(app1=[place(ttl_s=60.0)]), topology(idle=None), says="idle_timeout"),
    case("ttl-below-idle", UNSURE, located(**NOWHERE), topology()),
    case("ttl-not-refreshed", FAIL, located(app1=[place(ttl_after_read_s=1798.4)])),
    case("ttl-not-refreshed", PASS, located()),
    case("ttl-not-refreshed", PASS, located(app1=[place(ttl_s=1_209_600.0, ttl_after_read_s=1_209_598.0)])),
    case("ttl-not-refreshed", UNSURE, located(**{n: [place(ttl_after_read_s=None)] for n in ("app1", "app2", "app3")})),
    case("ttl-missing", FAIL, census(without_ttl=500), says="500 of 1000"),
    case("ttl-missing", PASS, census(without_ttl=5)),
    case("ttl-edge-below-idle", FAIL, census(ttl_s=Quantiles(1000, 1, 400, 1190, 1199.2)), topology(), says="1199 s"),
    case("ttl-edge-below-idle", FAIL, census(ttl_s=Quantiles(1000, 1, 400, 1490, 1499.2), product="spring-session",
                                             helper_keys=9), topology(), says="1199 s"),
    case("ttl-edge-below-idle", PASS, census(), topology()),
    case("ttl-edge-below-idle", PASS, census(ttl_s=Quantiles(1000, 1, 400, 2090, 2099.0), product="spring-session",
                                             helper_keys=9), topology()),
    case("ttl-edge-below-idle", UNSURE, census(ttl_s=Quantiles(1000, 1, 400, 1000, 1165.0)), topology()),
    case("ttl-edge-below-idle", UNSURE, census(ttl_s=Quantiles(99, 1, 400, 1190, 1199.2)), topology()),
    case("ttl-edge-below-idle", UNSURE, census(ttl_s=None), topology()),
    case("ttl-edge-below-idle", NOT, census(), topology(idle=None), says="idle_timeout"),
    case("ttl-pile", FAIL, census(ttl_pile=(900.0, 600)), says="600 of 1000"),
    case("ttl-pile", FAIL, census(ttl_pile=(1165.0, 600), ttl_s=Quantiles(1000, 1, 1160, 1165, 1165.0))),
    case("ttl-pile", PASS, census(ttl_pile=(1800.0, 600))),
    case("ttl-pile", PASS, census()),
    case("ttl-pile", UNSURE, census(ttl_s=None, ttl_pile=None)),
    case("early-session-lost", FAIL, reread("lost"), says="12 s"),
    case("early-session-lost", PASS, reread("kept")),
    case("early-session-lost", UNSURE, visits()),
    case("early-session-lost", UNSURE, visits(trace("app1 app1", "kl"), rereads=(Reread("sid:1", 12.0, "lost", "app1", "app1"),))),
    case("early-session-lost", FAIL, visits(trace("app1 app2", "kl"), rereads=(Reread("sid:1", 12.0, "lost", "app1", "app1"),)), says="12 s"),
    case("early-session-lost", UNSURE, visits(rereads=(Reread("sid:1", 0.4, "lost", "app1", "app2"),))),
    case("early-session-lost", FAIL, visits(rereads=(Reread("sid:1", 12.0, "lost", "app1", "app1"),)), says="12 s"),
    case("early-session-lost", UNSURE, visits(rereads=(Reread("sid:1", 12.0, "lost", "app1", "app1"),), without_affinity=(trace("app1 app2", "kl", "sid:1 sid:1"),))),
    case("early-session-lost", FAIL, visits(rereads=(Reread("sid:1", 12.0, "lost", "app1", "app1"),), without_affinity=(trace("app1 app1", "kk", "sid:1 sid:1"),)), says="12 s"),
    case("store-refuses", FAIL, StoreReach("sessions", "a:1", answers=False, trouble="refused", reason="a:1 refused"),
         says="a:1 refused"),
    case("store-refuses", PASS, StoreReach("sessions", "a:1", answers=True)),
    case("store-refuses", UNSURE, StoreReach("sessions", "a:1", answers=False, trouble="auth", reason="NOAUTH")),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_store_and_serialization(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


def test_a_store_password_is_never_shown(judge: Judge) -> None:
    """Neither in summaries nor in what was seen."""
    findings = judge("store-urls-differ", told("redis://:hunter2@a:1/0", "redis://:hunter2@b:1/0"))
    assert "hunter2" not in repr(findings)
