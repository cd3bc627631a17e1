"""Faults that one observation tells from their look-alikes: workers, late writes, names, addresses."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.lab import proofs
from tests.lab.cluster import FLOW, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.scenarios.balancers import MemoryShop
from tests.lab.scenarios.express import ExpressShop, every
from tests.lab.servers.django import Django
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.redis import Redis
from tests.lab.servers.spread import Spread
from tests.lab.shopper import Shopper

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.lab.workspace import Workspace

LATER_S = 1.0


@dataclass(frozen=True, slots=True)
class SpreadShop(ExpressShop):
    """The shop whose store's address leads to two servers in turn."""

    def _start_stores(self, workspace: Workspace, password: str) -> dict[str, Redis]:
        servers = [
            Redis(name, port=workspace.port(6379 + n), password=password) for n, name in enumerate(("one", "two"))
        ]
        spread = Spread(tuple(server.port for server in servers), port=workspace.port(6390))
        workspace.start(*servers)
        workspace.start(spread)
        return {"redis": replace(servers[0], port=spread.port)}


def _workers(workspace: Workspace) -> Cluster:
    """One node of four processes, each with sessions in its own memory."""
    secret = secrets.token_hex(24)
    node = Django("app1", port=workspace.port(8001), secret=secret, workers=4)
    workspace.start(node)
    balancer = start_balancer(workspace, HAProxy(), (node,))
    site = f"http://127.0.0.1:{balancer.port}/"
    description: Mapping[str, Any] = {
        "site": {"url": site, "mode": "external", "idle_timeout": "30m", "flow": FLOW},
        "load_balancers": [described(balancer)],
        "nodes": [{"name": node.name, "url": node.url, "config": [f"{node.name}/.env"]}],
    }
    topology = write_topology(workspace.directory, description)
    return Cluster(site, {node.name: node.url}, balancer, topology, frozenset({secret}))


def lost_at_once_and_there_later(cluster: Cluster) -> frozenset[str]:
    """A cart is empty right after the item was added, and has it a moment later."""
    with Shopper(cluster) as user:
        item = user.adds()
        assert not user.sees(item), "it is there at once: the fault does not show"
        time.sleep(LATER_S)
        assert user.sees(item), f"it is not there after {LATER_S} s"
        return user.traces()


SCENARIOS = (
    Scenario(
        name="further-workers-share-nothing",
        build=_workers,
        proofs=(proofs.state_is_lost_in_a_crowd,),
        cause="workers-share-nothing",
        where=("app1",),
    ),
    Scenario(
        name="further-response-before-session-saved",
        build=ExpressShop(nodes=every(late_ms=300)),
        proofs=(lost_at_once_and_there_later,),
        cause="response-before-session-saved",
    ),
    Scenario(
        name="further-affinity-cookie-name-collision",
        build=MemoryShop(HAProxy(affinity="insert", cookie="connect.sid")),
        proofs=(proofs.state_is_lost,),
        cause="affinity-cookie-name-collision",
        where=("edge",),
    ),
    Scenario(
        name="further-several-servers-behind-one-url",
        build=SpreadShop(),
        proofs=(proofs.state_is_lost,),
        cause="several-servers-behind-one-url",
        where=("sessions",),
    ),
)
