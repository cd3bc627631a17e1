"""Checks of what balancers say of themselves, and of several layers of them: family affinity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import NODES, cookie, fresh, replay, steered, topology, trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.balancers import (
    EDGE,
    EDGED,
    JK,
    LAYERS,
    MOVED,
    OUTER,
    ROUTED,
    STICKY,
    follower,
    status,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

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
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_balancers(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
