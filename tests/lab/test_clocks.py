"""The table of clocks, of real servers whose clocks are off."""

from __future__ import annotations

from tests.lab import proofs
from tests.lab.scan import scan
from tests.lab.scenario import Scenario
from tests.lab.scenarios.balancers import MemoryShop
from tests.lab.servers.haproxy import HAProxy
from tests.lab.test_scenarios import assert_healthy

AHEAD_S = 600
DATED = HAProxy(affinity="insert", lifetimes="maxidle 30m maxlife 8h", clock="+10m")
SHOP = Scenario("sticky-healthy-haproxy-ahead", MemoryShop(DATED), (proofs.state_survives,))


def test_a_balancer_that_is_ahead() -> None:
    """Its cookies tell by how much; it harms nobody, as no one else reads its dates."""
    with SHOP.running() as (_, cluster):
        SHOP.prove(cluster)
        result = scan(cluster)
    assert_healthy(result)
    clocks = {row["subject"]: row for row in result.report["clocks"]["offsets"]}
    edge = clocks["edge"]
    assert (edge["kind"], edge["source"]) == ("balancer", "affinity-cookie")
    assert abs(edge["offset_s"] - AHEAD_S) <= edge["uncertainty_s"] < 2.5
    assert clocks["app1"]["source"] == "http-date"
    assert abs(clocks["app1"]["offset_s"]) <= clocks["app1"]["uncertainty_s"]
    assert "Clocks, ahead (+) or behind (-) of this machine" in result.documents["text"]
