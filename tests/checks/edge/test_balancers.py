"""Checks of what balancers say of themselves, and of several layers of them: family edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.entry.cross_site import CrossSiteVisits
from tests.checks.build import cookie, replay, trace, visits
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.balancers import (
    cross_site_visits,
)
from tests.checks.evidence.nodes import shown

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("cookie-sent-twice", FAIL, visits(doubled=("sid",)), says="two cookies called sid"),
    case("cookie-sent-twice", FAIL, visits(doubled=("lang",)), says="lang"),
    case("cookie-sent-twice", PASS, visits()),
    case("cookie-sent-twice", UNSURE, visits(cookies=())),
    case("entry-drops-cookie", FAIL, visits(trace("app1 app1 app2", "kll")), replay(), says="the node that set it never receives it"),
    case("entry-drops-cookie", PASS, visits(trace("app1 app1 app2", "kkl")), replay("kll lkl llk")),
    case("entry-drops-cookie", PASS, visits(trace("app1 app1", "kl", set_cookies=("sid",)), strangers_set=False), replay(),
         says="a client without a cookie gets none"),
    case("entry-drops-cookie", FAIL, visits(trace("app1 app1", "kl", set_cookies=("sid",)), strangers_set=True), replay()),
    case("entry-drops-cookie", FAIL, visits(trace("app1 app1", "kl"), strangers_set=False), replay()),
    case("entry-drops-cookie", UNSURE, visits(trace("app1 app2", "kl")), replay("lll lll lll"), says="directly, too"),
    case("entry-drops-cookie", UNSURE, visits(trace("app1 app2", "kl"), cookies=(cookie(refused="Secure"),)), replay()),
    case("entry-drops-cookie", UNSURE, visits(trace("app1 app2", "kl"))),
    case("entry-drops-cookie", UNSURE, visits(trace("app1 app2 app1", "kll", "sid:1 sid:2 sid:2")), replay("kl lk"),
         says="no request came back"),
    case("entry-drops-cookie", FAIL, visits(trace("- -", "kl")), replay("kl lk"), shown(app1="llll lllll", app2="llll lllll"), says="no session of app1, app2"),
    case("entry-drops-cookie", FAIL, visits(trace("- -", "??"), cookies=()), replay("kl lk"), shown(app1="llll lllll", app2="llll lllll"), says="18 looks"),
    case("entry-drops-cookie", PASS, visits(trace("- -", "kl")), replay("kl lk"), shown(app1="lkll lllkk", app2="llll lllll")),
    case("entry-drops-cookie", UNSURE, visits(trace("- -", "kl")), replay("kl lk"), shown(app1="l?? l??", app2="??? ???")),
    case("entry-drops-cookie", UNSURE, visits(trace("- -", "kl"), shared_sessions=2), replay("kl lk"), shown(app1="llll lllll", app2="llll lllll"), says="cache"),
    case("entry-drops-cookie", UNSURE, visits(trace("app1 app2", "kl"), shared_sessions=2), replay(), says="cache"),
    case("cross-site-withheld", FAIL, cross_site_visits(session="SameSite=Lax, and the request is a POST"),
         says="is sent by POST from https://idp.test"),
    case("cross-site-withheld", PASS, cross_site_visits()),
    case("cross-site-withheld", FAIL, cross_site_visits(session="no SameSite", only_new=True), says="first two minutes"),
    case("cross-site-withheld", UNSURE, CrossSiteVisits(())),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_balancers(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
