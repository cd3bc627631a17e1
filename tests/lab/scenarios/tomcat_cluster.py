"""HAProxy in front of three Tomcats that copy their sessions to each other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.lab import proofs
from tests.lab.cluster import FLOW, Balancer, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.delta import DeltaManager
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.tomcat import Tomcat

if TYPE_CHECKING:
    from tests.lab.workspace import Workspace

THREE = (Tomcat("app1", route="app1"), Tomcat("app2", route="app2"), Tomcat("app3", route="app3"))


def every(**changes: Any) -> tuple[Tomcat, ...]:
    """Three nodes with the same changes."""
    return tuple(replace(node, **changes) for node in THREE)


@dataclass(frozen=True, slots=True)
class ReplicatingShop:
    """The cluster; each field is a place for a fault.

    Attributes:
        distributable: whether the application says that its sessions may be copied.
        new_clients: numbers of the nodes that look for the others, and are looked for, where nobody is.
    """

    nodes: tuple[Tomcat, ...] = THREE
    distributable: bool = True
    new_clients: frozenset[int] = frozenset()

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        receivers = {number: workspace.port(4000 + number) for number in range(1, len(self.nodes) + 1)}
        nowhere = workspace.port(4000)
        nodes = tuple(
            replace(
                node,
                port=workspace.port(9000 + number),
                sessions=DeltaManager(
                    number,
                    receivers[number],
                    tuple(
                        (other, nowhere if {number, other} & self.new_clients else port)
                        for other, port in receivers.items()
                        if other != number
                    ),
                    self.distributable,
                ),
            )
            for number, node in enumerate(self.nodes, start=1)
        )
        for node in nodes:  # two that start at the same instant may wait for each other's sessions
            workspace.start(node)
        for number, node in enumerate(nodes, start=1):
            others = 0 if number in self.new_clients else len(nodes) - 1 - len(self.new_clients)
            workspace.wait_for(node.name, partial(_met, workspace, node, others))
        balancer = start_balancer(workspace, HAProxy(), nodes)
        site = f"http://127.0.0.1:{balancer.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, _description(site, nodes, balancer)),
            secrets=frozenset(),
        )


def _met(workspace: Workspace, node: Tomcat, others: int) -> bool:
    """Whether a node has met all others."""
    log = workspace.directory / node.name / f"{node.name}.log"
    return log.read_text(errors="replace").count("Replication member added") >= others


def _description(site: str, nodes: tuple[Tomcat, ...], balancer: Balancer) -> dict[str, Any]:
    return {
        "site": {"url": site, "mode": "replicated", "idle_timeout": "30m", "flow": FLOW},
        "load_balancers": [described(balancer)],
        "nodes": [
            {"name": node.name, "url": node.url, "route": node.name, "config": [f"{node.name}/conf/server.xml"]}
            for node in nodes
        ],
    }


SCENARIOS = (
    Scenario(
        name="tomcat-cluster-healthy",
        build=ReplicatingShop(),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        # Sessions are replicated with the time since their last use, not with dates.
        name="tomcat-cluster-healthy-clocks-apart",
        build=ReplicatingShop((*THREE[:2], replace(THREE[2], clock="+40m"))),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own, proofs.clock_is_off("app3", 2400)),
    ),
    Scenario(
        name="tomcat-cluster-not-distributable",
        build=ReplicatingShop(distributable=False),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="not-distributable",
    ),
    Scenario(
        # As behind a firewall, or with another address of the group: nobody says a word.
        name="tomcat-cluster-membership-broken",
        build=ReplicatingShop(new_clients=frozenset({3})),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="cluster-membership-broken",
        where=("app3",),
    ),
    Scenario(
        name="tomcat-cluster-non-serializable-refused",
        build=ReplicatingShop(every(attribute="refused")),
        proofs=(proofs.site_answers(500),),
        cause="non-serializable-attribute",
    ),
    Scenario(
        name="tomcat-cluster-non-serializable-hidden",
        build=ReplicatingShop(every(attribute="hidden")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="non-serializable-attribute",
    ),
    Scenario(
        name="tomcat-cluster-class-version-mismatch",
        build=ReplicatingShop((*THREE[:2], replace(THREE[2], cart_version=2))),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="class-version-mismatch",
        where=("app3",),
    ),
)
