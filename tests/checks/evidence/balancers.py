"""Evidence for checks of what balancers say of themselves, and of several layers of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessiondoctor.evidence.entry.cross_site import CrossSiteVisit, CrossSiteVisits
from sessiondoctor.topology.model import Balancer
from tests.checks.build import balancer, cookie, topology, trace, visits

if TYPE_CHECKING:
    from sessiondoctor.evidence.balancers.status import BalancerStatus


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
