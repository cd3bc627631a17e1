from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.topology.model import Node
from tests.checks.build import balancer, cookie, fresh, replay, steered, topology, trace, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.nodes import shown

if TYPE_CHECKING:
    from sessiondoctor.evidence.balancers.status import BalancerStatus
    from tests.checks.conftest import Judge

MOVED_LOST = trace("app1 app2 app1", "klk")
STAYED = trace("app1 app1 app1", "kkk")
SRV = cookie("affinity")
ROUTED = {name: cookie(route=name) for name in ("app1", "app2", "app3")}
TOMCATS = topology("sticky", nodes=tuple(type(n)(n.name, n.url, route=n.name) for n in topology().nodes))
FLAPPING = balancer(went_down=3, last_change_s=60)
BLIND = replace(replay("kll lkl llk"), flow=False)


def alike(cookies: str) -> BalancerStatus:
    """Two servers with these names in the balancer's cookie."""
    one, two = cookies.split() or ["", ""]
    (server,) = balancer(cookie=one).servers
    other = replace(server, name="app2", node="app2", address="10.0.0.2:80", cookie=two)
    return replace(balancer(), servers=(server, other))


SPREAD = replace(trace("app1 app1 app2", "kll"), homes=("app1", "app2"))
"""A client whose flow was answered by two nodes before its state was there."""

CASES = [
    case("state-lost-on-move", FAIL, visits(MOVED_LOST), says="a session started on app1 is missing on app2"),
    case("state-lost-on-move", PASS, visits(), says="2 moves"),
    case("state-lost-on-move", UNSURE, visits(STAYED)),
    case("state-lost-on-move", PASS, visits(trace(" ".join("-" * 18), "k" * 18)), says="none lost its state"),
    case("state-lost-on-move", UNSURE, visits(trace("- - -", "klk"))),
    case("state-lost-on-move", FAIL, visits(SPREAD), says="app1 and app2 served"),
    case("node-changes-with-key", FAIL, visits(*[trace("app1 app2 app2 app2 app2", "kllll", "s:1 s:2 s:2 s:2 s:2")] * 2), topology(),
         says="2 of 4 times, the same id never (4)"),
    case("node-changes-with-key", PASS, visits(*[trace("app1 app2 app3 app2 app3", "kllll", "s:1 s:2 s:2 s:2 s:2")] * 2), topology()),
    case("node-changes-with-key", PASS, visits(*[trace("app1 app1 app1 app1", "kkkk", "s:1 s:1 s:1 s:1")] * 3), topology()),
    case("node-changes-with-key", UNSURE, visits(trace("app1 app2 app2", "kll", "s:1 s:2 s:2")), topology()),
    case("node-changes-with-key", UNSURE, visits(*[trace("- - - -", "klll", "s:1 s:2 s:2 s:2")] * 2), topology()),
    case("node-changes-with-key", UNSURE, visits(*[trace("app1 app2 app2 app2", "klll", "s:1 s:1 s:1 s:1"), trace("app1 app1 app1 app1", "kkkk", "s:1 s:1 s:1 s:1")]), topology(), says="but one, once"),
    case("node-changes-with-key", NOT, visits(), topology("external")),
    case("node-changes-with-key", NOT, visits(cookies=(cookie("affinity"),)), topology()),
    case("affinity-cookie-set-by-node", FAIL, visits(cookies=(cookie(), cookie("affinity"))),
         replay(cookies={"app2": cookie("other", name="SRV")}), says="app2 sets SRV"),
    case("affinity-cookie-set-by-node", PASS, visits(cookies=(cookie(), cookie("affinity"))), replay()),
    case("affinity-cookie-set-by-node", NOT, visits(), replay()),
    case("affinity-cookie-set-by-node", UNSURE, visits(cookies=(cookie(), cookie("affinity"))), steered()),
    case("state-comes-and-goes", FAIL, visits(trace("- - - - -", "klklk")), topology(nodes=()), says="at 2 of 4 requests, on and off;"),
    case("state-comes-and-goes", FAIL, visits(trace("- - - - - - -", "klklllk")), topology(), says="as 3 processes that share nothing"),
    case("state-comes-and-goes", FAIL, visits(trace("- - - - - - -", "klklllk")), topology(nodes=(Node("app1", workers=4),)),
         says="as 4 processes that share nothing"),
    case("state-comes-and-goes", FAIL, visits(trace("- - - - - - - - -", "kkkkkklkk")), topology(nodes=(Node("app1", workers=12),)),
         says="at 7 of 8 requests, on and off;"),
    case("state-comes-and-goes", FAIL, visits(trace("- -", "kl", "sid:1 sid:2"), frozen=trace("- - - -", "klkl")), topology()),
    case("state-comes-and-goes", PASS, visits(trace("- - - - -", "kllll")), topology()),
    case("state-comes-and-goes", PASS, visits(trace("- - - - -", "klkkk")), topology()),
    case("state-comes-and-goes", UNSURE, visits(trace("- - -", "kll")), topology()),
    case("state-comes-and-goes", UNSURE, visits(trace("- - - - -", "klklk", "s:1 s:2 s:3 s:4 s:5")), topology()),
    case("state-comes-and-goes", NOT, visits(STAYED), topology()),
    case("affinity-cookie-absent", FAIL, visits(trace("- - - - -", "klklk")), topology(), says="comes and goes"),
    case("connection-decides", FAIL, visits(trace("- - - - -", "kllll"), kept_alive=trace("- - - - -", "kkkkk")),
         topology(), says="new connections only"),
    case("connection-decides", PASS, visits(trace("- - - - -", "kllll"), kept_alive=trace("- - -", "kll")), topology()),
    case("connection-decides", UNSURE, visits(trace("- - -", "kll"), kept_alive=trace("- -", "kk")), topology()),
    case("state-lost-on-move", UNSURE, visits(trace("app1 app2", "??"))),
    case("client-moves", FAIL, visits(MOVED_LOST), topology("sticky"), says="app1, app2"),
    case("client-moves", FAIL, visits(), topology("sticky"), says="app1, app2, app3"),
    case("client-moves", PASS, visits(STAYED), topology("sticky")),
    case("client-moves", PASS, visits(), topology(), says="moves with them"),
    case("client-moves", UNSURE, visits(trace("app1 app2", "??")), topology(), says="site.flow"),
    case("client-moves", NOT, visits(MOVED_LOST), topology("external")),
    case("client-moves", UNSURE, visits(trace("- -", "kk")), topology("sticky")),
    case("client-moves", FAIL, visits(trace("- -", "??")), topology("sticky"), shown(app1="klkk klkkl", app2="llll lllll"), says="meets app1"),
    case("client-moves", PASS, visits(trace("- -", "??")), topology("sticky"), shown(app1="klkk lkkkk", app2="llll lllll")),
    case("client-moves", UNSURE, visits(trace("- -", "??")), topology("sticky"), shown(app1="llll lllll")),
    case("affinity-cookie-absent", FAIL, visits(trace("- -", "??")), topology("sticky"), shown(app1="klkk klkkl"), says="one node knows"),
    case("affinity-cookie-absent", PASS, visits(trace("- -", "??")), topology("sticky"), shown(app1="klkk lkkkk")),
    case("affinity-cookie-absent", FAIL, visits(MOVED_LOST), topology("sticky")),
    case("affinity-cookie-absent", PASS, visits(MOVED_LOST, cookies=(SRV,)), topology("sticky"), says="SRV"),
    case("affinity-cookie-absent", NOT, visits(MOVED_LOST), topology("external")),
    case("affinity-cookie-sporadic", FAIL,
         visits(fresh=fresh("app1 app2 app1 app2"), affinity_cookies=("SRV",), fresh_with_affinity=4), says="4 of 5"),
    case("affinity-cookie-sporadic", PASS,
         visits(fresh=fresh("app1 app2 app1 app2"), affinity_cookies=("SRV",), fresh_with_affinity=5)),
    case("affinity-cookie-sporadic", UNSURE, visits(fresh=fresh("app1"), affinity_cookies=("SRV",))),
    case("affinity-cookie-sporadic", NOT, visits()),
    case("affinity-cookie-withheld", FAIL, visits(cookies=(cookie("affinity", withheld="Path=/x does not match /"),)),
         says="Path=/x"),
    case("affinity-cookie-withheld", PASS, visits(cookies=(SRV,))),
    case("affinity-cookie-withheld", NOT, visits()),
    case("affinity-cookie-stays-home", FAIL, visits(cookies=(cookie(same_site="none"), SRV)), says="sends sid"),
    case("affinity-cookie-stays-home", PASS, visits(cookies=(cookie(same_site="none"), SRV, replace(SRV, name="SRVCORS", same_site="none")))),
    case("affinity-cookie-stays-home", NOT, visits(cookies=(cookie(), SRV))),
    case("affinity-cookie-stays-home", NOT, visits(cookies=(cookie(same_site="none"),))),
    case("affinity-cookie-withheld", PASS, visits(cookies=(replace(SRV, name="SRVCORS", refused="Secure over plain HTTP"), SRV)),
         says="another cookie of the balancer"),
    case("affinity-cookie-ignored", FAIL, visits(MOVED_LOST, cookies=(SRV,), affinity_cookies=("SRV",)),
         topology("sticky"), says="app1 answered first, then app2"),
    case("affinity-cookie-ignored", PASS, visits(STAYED, cookies=(SRV,), affinity_cookies=("SRV",)), topology("sticky")),
    case("affinity-cookie-ignored", NOT, visits(MOVED_LOST), topology("sticky")),
    case("affinity-cookie-short", FAIL, visits(cookies=(cookie("affinity", lifetime_s=600.0),)), topology("sticky"),
         says="600 s"),
    case("affinity-cookie-short", PASS, visits(cookies=(SRV,)), topology("sticky")),
    case("affinity-cookie-short", NOT, visits(cookies=(SRV,)), topology("sticky", idle=None), says="idle_timeout"),
    case("affinity-cookie-short", FAIL, visits(cookies=(cookie("affinity", lifetime_s=60.0, rotates=True),)),
         topology("sticky"), says="expires after 60 s"),
    case("route-id-missing", FAIL, replay(cookies=ROUTED | {"app2": cookie()}), TOMCATS, says="app2"),
    case("route-id-missing", PASS, replay(cookies=ROUTED), TOMCATS),
    case("route-id-missing", NOT, replay(), topology()),
    case("route-id-missing", NOT, replay(), TOMCATS, visits(cookies=(cookie("affinity"),)), says="a cookie of its own"),
    case("route-id-unknown", FAIL, replay(cookies=ROUTED | {"app2": cookie(route="App2")}), TOMCATS, says="'App2'"),
    case("route-id-unknown", PASS, replay(cookies=ROUTED), TOMCATS),
    case("route-id-unknown", NOT, replay(cookies=ROUTED), topology()),
    case("route-id-duplicate", FAIL, replay(cookies=ROUTED | {"app2": cookie(route="app1")}), says="app1 and app2"),
    case("route-id-duplicate", PASS, replay(cookies=ROUTED)),
    case("route-id-duplicate", NOT, replay()),
    case("route-followed-elsewhere", FAIL, visits(frozen=trace("app1 app2 app2 app2 app2", "kllll")), topology("sticky"),
         says="always routes to app2"),
    case("route-followed-elsewhere", PASS, visits(frozen=trace("app1 app2 app1 app2 app1", "klklk")), topology("sticky")),
    case("route-followed-elsewhere", UNSURE, visits(frozen=trace("app1 app2", "kl")), topology("sticky")),
    case("route-followed-elsewhere", NOT, visits(), topology("external")),
    case("nodes-unevenly-used", FAIL, visits(fresh=fresh("app1 " * 30)), says="app1 31"),
    case("nodes-unevenly-used", PASS, visits(fresh=fresh("app1 app2 app3 " * 10))),
    case("nodes-unevenly-used", UNSURE, visits(fresh=fresh("app1 app1 app2"))),
    case("node-refuses", FAIL, replay(visit={"app2": {"refused": True, "cookies": ()}}), says="app2 refuses"),
    case("node-refuses", PASS, replay()),
    case("node-down", FAIL, replay(visit={"app1": {"refused": True}}), balancer(status="DOWN"), says="app1"),
    case("node-down", PASS, replay(), balancer(status="DOWN")),
    case("node-down", PASS, replay(visit={"app1": {"refused": True}}), balancer()),
    case("balancer-server-flapping", FAIL, balancer(went_down=3, last_change_s=60), says="3 times"),
    case("balancer-server-flapping", PASS, balancer(went_down=1, last_change_s=60)),
    case("balancer-server-flapping", PASS, balancer(went_down=3, last_change_s=80_000)),
    case("balancer-server-flapping", FAIL, balancer(status="DOWN", went_down=3, last_change_s=0), replay()),
    case("balancer-server-flapping", PASS, balancer(status="DOWN", went_down=3, last_change_s=0),
         replay(visit={"app1": {"refused": True}})),
    case("balancer-server-flapping", PASS, balancer(status="MAINT", went_down=3, last_change_s=0), replay()),
    case("flapping-loses-sessions", FAIL, FLAPPING, replay("kll lkl llk"), topology("sticky"), says="app1 went down 3 times"),
    case("flapping-loses-sessions", PASS, FLAPPING, replay(), topology("sticky")),
    case("flapping-loses-sessions", UNSURE, FLAPPING, replay("k?? ?k? ??k"), topology("sticky")),
    case("flapping-loses-sessions", UNSURE, FLAPPING, BLIND, topology("sticky"), says="site.flow"),
    case("flapping-loses-sessions", NOT, FLAPPING, replay("kll lkl llk"), topology("external")),
    case("flapping-loses-sessions", NOT, balancer(), replay("kll lkl llk"), topology("sticky")),
    case("server-cookies-alike", FAIL, alike("app1 app1"), topology("sticky"), says="app1 and app2 of edge have the same cookie value 'app1'"),
    case("server-cookies-alike", FAIL, alike("app1 app1"), topology(), visits(trace("- -", "kl")), says="same cookie"),
    case("server-cookies-alike", UNSURE, alike("app1 app1"), topology(), visits(), says="depends on where they are"),
    case("server-cookies-alike", NOT, alike("app1 app1"), topology("external")),
    case("server-cookies-alike", PASS, alike("app1 app2"), topology("sticky")),
    case("server-cookies-alike", NOT, alike("  "), topology("sticky")),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_affinity(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)


def test_a_client_that_moved_is_drawn(judge: Judge) -> None:
    """The finding names it; its requests stand in the report."""
    (finding,) = judge("state-lost-on-move", visits(trace("app1 app1", "kk"), MOVED_LOST))
    assert finding.seen["client"] == "returning 2"


def test_a_declared_route_points_at_its_line(judge: Judge) -> None:
    """The finding names the node."""
    findings = judge("route-id-unknown", replay(cookies=ROUTED | {"app2": cookie(route="x")}), TOMCATS)
    assert [finding.subject for finding in findings if finding.status == "fail"] == ["app2"]
