"""Checks of what balancers say of themselves, and of several layers of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.entry.cross_site import CrossSiteVisit, CrossSiteVisits
from sessiondoctor.topology.model import Balancer
from tests.checks.build import NODES, balancer, cookie, fresh, replay, steered, topology, trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from sessiondoctor.evidence.balancers.status import BalancerStatus
    from tests.checks.conftest import Judge


def status(keeping: Any = "cookie", **changes: Any) -> BalancerStatus:
    """A balancer in front of app1 that keeps clients so."""
    fields = {name: changes.pop(name) for name in ("affinity_cookie", "algorithm", "kind") if name in changes}
    return replace(balancer(**changes), keeping=keeping, **fields)


def cross_site_visits(**changes: Any) -> CrossSiteVisits:
    """One way back, by POST."""
    return CrossSiteVisits((CrossSiteVisit("https://idp.test", "post", same_site=False, **changes),), "sid")


def follower(**changes: Any) -> BalancerStatus:
    """A balancer that follows the route in the session id."""
    return status(kind="mod_jk", affinity_cookie=ROUTED["app1"].name, **changes)


STICKY = topology("sticky")
EDGE = cookie("other", name="EDGE")
EDGED = visits(trace("app1 app2", "kl", set_cookies=("sid", "EDGE")), cookies=(cookie(), EDGE))
LAYERS = topology("sticky", load_balancers=(Balancer("cdn"), Balancer("edge", behind="cdn")))
JK = topology("sticky", load_balancers=(Balancer("edge", kind="mod_jk"),))
ROUTED = {name: cookie(route=name) for name in ("app1", "app2", "app3")}
OUTER = cookie("affinity", name="AWSALB")
MOVED = trace("app1 app2 app1", "klk")

CASES = [
    case("balancer-keeps-nobody", FAIL, status("none"), STICKY, says="edge has no session affinity"),
    case("balancer-keeps-nobody", PASS, status("cookie"), STICKY, says="SRV"),
    case("balancer-keeps-nobody", PASS, status("address", affinity_cookie=""), STICKY, says="address"),
    case("balancer-keeps-nobody", UNSURE, status("unknown"), STICKY),
    case("balancer-keeps-nobody", UNSURE, status("none", node=""), STICKY, says="none of its servers"),
    case("balancer-keeps-nobody", NOT, status("none"), topology("external")),
    case("sticky-name-unset", FAIL, status(kind="apache", affinity_cookie="SID"), visits(), STICKY, says="the site sets sid"),
    case("sticky-name-unset", FAIL, status(kind="apache", affinity_cookie="JSESSIONID"), visits(cookies=()), STICKY, says="no cookie"),
    case("sticky-name-unset", PASS, status(kind="apache", affinity_cookie="sid"), visits(), STICKY),
    case("sticky-name-unset", UNSURE, status(kind="apache", affinity_cookie="sid"), STICKY),
    case("sticky-name-unset", NOT, status("none", affinity_cookie=""), visits(), STICKY),
    case("sticky-name-unset", NOT, status(affinity_cookie="JSESSIONID"), visits(), STICKY),
    case("affinity-cookie-unissued", FAIL, status(kind="envoy", affinity_cookie="lb"), visits(), STICKY, says="never sets"),
    case("affinity-cookie-unissued", PASS, status(affinity_cookie="sid"), visits(), STICKY),
    case("affinity-cookie-unissued", UNSURE, status(affinity_cookie="lb"), STICKY),
    case("affinity-cookie-unissued", NOT, status(kind="apache"), visits(), STICKY),
    case("balancer-routes-differ", FAIL, follower(cookie="App1"), replay(cookies=ROUTED), STICKY, says="'App1'"),
    case("balancer-routes-differ", FAIL, follower(cookie=""), follower(cookie="x", node="app2"), replay(cookies=ROUTED), STICKY,
         says="knows no route"),
    case("balancer-routes-differ", FAIL, follower(cookie="worker1", node=""), replay(cookies=ROUTED), STICKY,
         says="knows only worker1"),
    case("balancer-routes-differ", PASS, follower(cookie="app1"), replay(cookies=ROUTED), STICKY),
    case("balancer-routes-differ", UNSURE, follower(cookie=""), replay(cookies=ROUTED), STICKY),
    case("balancer-routes-differ", NOT, status(kind="apache", affinity_cookie="ROUTEID", cookie="r1"), replay(cookies=ROUTED), STICKY),
    case("balancer-routes-differ", NOT, status(kind="haproxy", cookie="s1"), replay(cookies=ROUTED), STICKY),
    case("balancer-routes-differ", NOT, follower(), replay(), STICKY),
    case("kept-by-address", FAIL, status("address"), visits(), STICKY, says="edge reports affinity"),
    case("kept-by-address", FAIL, status("unknown"), visits(fresh=fresh("app1 " * 8)), STICKY, says="all 9 new clients"),
    case("kept-by-address", PASS, status("cookie"), visits(), STICKY),
    case("kept-by-address", PASS, visits(fresh=fresh("app1 app2")), STICKY),
    case("kept-by-address", UNSURE, visits(fresh=fresh("app1 app1")), STICKY),
    case("kept-by-address", UNSURE, visits(fresh=fresh("app1 " * 8), affinity_cookies=("SRV",)), STICKY),
    case("kept-by-address", NOT, visits(), topology("external")),
    case("proxy-before-address-affinity", FAIL, status("address"), visits(), LAYERS, says="cdn stands in front of edge"),
    case("proxy-before-address-affinity", FAIL, status("address"), visits(headers={"via": "1.1 x"}), STICKY, says="via"),
    case("proxy-before-address-affinity", PASS, status("address"), visits(), STICKY),
    case("proxy-before-address-affinity", UNSURE, status("address"), STICKY),
    case("proxy-before-address-affinity", NOT, status("cookie"), visits(), STICKY),
    case("kept-by-hash", FAIL, status("address", algorithm="source"), STICKY, says="source"),
    case("kept-by-hash", FAIL, status("unknown", algorithm="hash"), STICKY),
    case("kept-by-hash", PASS, status("cookie", algorithm="roundrobin"), STICKY),
    case("kept-by-hash", UNSURE, STICKY),
    case("kept-by-hash", NOT, status("unknown", algorithm=""), STICKY),
    case("pool-changed-recently", FAIL, status(last_change_s=60, went_down=1), STICKY, says="60 s ago"),
    case("pool-changed-recently", PASS, status(last_change_s=60), STICKY),
    case("pool-changed-recently", PASS, status(last_change_s=9000, went_down=1), STICKY),
    case("pool-changed-recently", UNSURE, status(last_change_s=None), STICKY),
    case("default-affinity-missed", FAIL, visits(MOVED, cookies=(ROUTED["app1"],)), JK, says="edge follows routes"),
    case("default-affinity-missed", PASS, visits(trace("app1 app1", "kk"), cookies=(ROUTED["app1"],)), JK),
    case("default-affinity-missed", UNSURE, visits(trace("- -", "kk"), cookies=(ROUTED["app1"],)), JK),
    case("default-affinity-missed", NOT, visits(MOVED), JK, says="with a route"),
    case("default-affinity-missed", NOT, visits(MOVED, cookies=(ROUTED["app1"],)), LAYERS, says="by default"),
    case("outer-affinity-only", FAIL, visits(MOVED, cookies=(OUTER,)), LAYERS, says="the client returns AWSALB"),
    case("outer-affinity-only", PASS, visits(trace("app1 app1", "kk"), cookies=(OUTER,)), LAYERS),
    case("outer-affinity-only", PASS, visits(MOVED), LAYERS),
    case("outer-affinity-only", UNSURE, visits(trace("- -", "kk"), cookies=(OUTER,)), LAYERS),
    # A cookie of no known name that comes through the site and from no node is an outer balancer's.
    case("outer-affinity-only", FAIL, EDGED, replay("kll lkl llk"), LAYERS, says="the client returns EDGE"),
    case("outer-affinity-only", PASS, EDGED, replay(visit={name: {"cookies": (cookie(), EDGE)} for name in NODES}), LAYERS),
    case("outer-affinity-only", PASS, EDGED, steered("kll lkl llk"), LAYERS),
    case("outer-affinity-only", PASS, EDGED, LAYERS),
    case("outer-affinity-only", NOT, visits(MOVED, cookies=(OUTER,)), STICKY),
    case("cookie-sent-twice", FAIL, visits(doubled=("sid",)), says="two cookies called sid"),
    case("cookie-sent-twice", FAIL, visits(doubled=("lang",)), says="lang"),
    case("cookie-sent-twice", PASS, visits()),
    case("cookie-sent-twice", UNSURE, visits(cookies=())),
    case("entry-drops-cookie", FAIL, visits(trace("app1 app1 app2", "kll")), replay(), says="the node that set it never receives it"),
    case("entry-drops-cookie", PASS, visits(trace("app1 app1 app2", "kkl")), replay("kll lkl llk")),
    case("session-thrown-away", FAIL, visits(trace("app1 app1", "kl", set_cookies=("sid",)), strangers_set=False),
         replay(), says="app1 replaces sid of a session that it should know"),
    case("session-thrown-away", PASS, visits(trace("app1 app1", "kk", set_cookies=("sid",)), strangers_set=False), replay()),
    case("session-thrown-away", PASS, visits(trace("app1 app1", "kl"), strangers_set=False), replay()),
    case("session-thrown-away", UNSURE, visits(trace("app1 app1", "kl", set_cookies=("sid",)), strangers_set=True), replay()),
    case("session-thrown-away", UNSURE, visits(trace("app1 app1", "kl", set_cookies=("sid",)), strangers_set=False),
         replay("lll lll lll")),
    case("session-thrown-away", FAIL, visits(trace("app1 app2", "kl", set_cookies=("sid",)), strangers_set=False), replay()),
    case("session-thrown-away", UNSURE, visits(trace("app1 app2", "kl", set_cookies=("sid",)), strangers_set=False),
         replay("kll lkl llk")),
    case("entry-drops-cookie", PASS, visits(trace("app1 app1", "kl", set_cookies=("sid",)), strangers_set=False), replay(),
         says="a client without a cookie gets none"),
    case("entry-drops-cookie", FAIL, visits(trace("app1 app1", "kl", set_cookies=("sid",)), strangers_set=True), replay()),
    case("entry-drops-cookie", FAIL, visits(trace("app1 app1", "kl"), strangers_set=False), replay()),
    case("entry-drops-cookie", UNSURE, visits(trace("app1 app2", "kl")), replay("lll lll lll"), says="directly, too"),
    case("entry-drops-cookie", UNSURE, visits(trace("app1 app2", "kl"), cookies=(cookie(refused="Secure"),)), replay()),
    case("entry-drops-cookie", UNSURE, visits(trace("app1 app2", "kl"))),
    case("entry-drops-cookie", UNSURE, visits(trace("app1 app2 app1", "kll", "sid:1 sid:2 sid:2")), replay("kl lk"),
         says="no request came back"),
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
