"""HAProxy in front of two WildFlys that keep web sessions in an Infinispan cache, over JGroups."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.lab import proofs
from tests.lab.cluster import FLOW, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.wildfly import WildFly

if TYPE_CHECKING:
    from tests.lab.workspace import Workspace


@dataclass(frozen=True, slots=True)
class WildFlyShop:
    """The cluster; each field is a place for a fault.

    Attributes:
        met: whether they look for each other at the right ports.
        distributable: whether the application says that its sessions may be copied.
    """

    nodes: tuple[WildFly, ...] = (WildFly("app1"), WildFly("app2"))
    met: bool = True
    distributable: bool = True

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        password = secrets.token_hex(16)
        groups = tuple(workspace.port(7600 + number) for number, _ in enumerate(self.nodes))
        nodes = tuple(
            replace(
                node,
                port=workspace.port(8080 + number),
                management=workspace.port(9990 + number),
                group=groups[number],
                watch=workspace.port(57600 + number),
                members=groups if self.met else (groups[number],),
                distributable=self.distributable,
                password=password,
            )
            for number, node in enumerate(self.nodes)
        )
        for node in nodes:  # two that start at the same instant may each found a cluster, and merge later
            workspace.start(node)
        balancer = start_balancer(workspace, HAProxy(), nodes)
        site = f"http://127.0.0.1:{balancer.port}/"
        description: dict[str, Any] = {
            "site": {"url": site, "mode": "replicated", "idle_timeout": "30m", "flow": FLOW},
            "load_balancers": [described(balancer)],
            "nodes": [{"name": node.name, "url": node.url, "management": _management(node)} for node in nodes],
        }
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, description),
            secrets=frozenset({password}),
            env={"LAB_PASSWORD": password},
        )


def _management(node: WildFly) -> dict[str, str]:
    return {"kind": "wildfly", "url": f"http://doctor:${{LAB_PASSWORD}}@127.0.0.1:{node.management}/management"}


SCENARIOS = (
    Scenario(
        # Not every day: it is 250 MB once, and two of it take a minute to start.
        name="wildfly-not-distributable",
        build=WildFlyShop(distributable=False),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="not-distributable",
    ),
    Scenario(
        name="wildfly-cluster-membership-broken",
        build=WildFlyShop(met=False),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="cluster-membership-broken",
    ),
    Scenario(
        name="wildfly-healthy",
        build=WildFlyShop(),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
        heavy=True,
    ),
)
