"""HAProxy, nginx or Apache in front of two Tomcats that keep their sessions to themselves."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.lab import proofs
from tests.lab.cluster import FLOW, Balancer, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.apache import Apache
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.tomcat import Tomcat
from tests.lab.shopper import Shopper

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.proofs import Proof
    from tests.lab.workspace import Workspace

TWO = (Tomcat("app1", route="app1"), Tomcat("app2", route="app2"))
BY_ROUTE = {"app1": "app1", "app2": "app2"}
SWAPPED = {"app1": "app2", "app2": "app1"}


@dataclass(frozen=True, slots=True)
class TomcatShop:
    """The cluster; each field is a place for a fault.

    Attributes:
        managed: whether each node tells its own state.
    """

    balancer: Balancer
    nodes: tuple[Tomcat, ...] = TWO
    managed: bool = False

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        password = secrets.token_hex(16) if self.managed else ""
        nodes = tuple(
            replace(node, port=workspace.port(9000 + number), manager=password)
            for number, node in enumerate(self.nodes, start=1)
        )
        workspace.start(*nodes)
        balancer = start_balancer(workspace, self.balancer, nodes)
        site = f"http://127.0.0.1:{balancer.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, _description(site, nodes, balancer)),
            secrets=frozenset({password} - {""}),
            env={"LAB_PASSWORD": password} if self.managed else {},
        )


def _description(site: str, nodes: tuple[Tomcat, ...], balancer: Balancer) -> dict[str, Any]:
    return {
        "site": {"url": site, "mode": "sticky", "idle_timeout": "30m", "flow": FLOW},
        "load_balancers": [described(balancer)],
        "nodes": [
            {
                "name": node.name,
                "url": node.url,
                "route": node.name,
                "config": [f"{node.name}/conf/server.xml"],
                **({"management": {"kind": "tomcat", "url": node.jmx("${LAB_PASSWORD}")}} if node.manager else {}),
            }
            for node in nodes
        ],
    }


@dataclass(frozen=True, slots=True)
class Limited:
    """Tomcat's own manager with a limit: who comes when it is reached gets no session."""

    most: int
    engine: str = ""
    web: str = ""
    libraries: None = None

    @property
    def manager(self) -> str:
        """Of the only context."""
        return f'<Manager className="org.apache.catalina.session.StandardManager" maxActiveSessions="{self.most}"/>'

    def prepare(self, conf: Path) -> None:
        """Everything is in context.xml."""


def no_room_at(node: str, most: int) -> Proof:
    """After so many sessions a node makes no more."""

    def proof(cluster: Cluster) -> frozenset[str]:
        statuses, traces = [], proofs.NOTHING
        for _ in range(most + 1):
            with Shopper(cluster, cluster.nodes[node]) as user:
                user.adds()
                statuses.append(user.last_status)
                traces |= user.traces()
        assert statuses[-1] == 500, f"it answers {statuses}"
        return traces

    return proof


def _one_lost(workspace: Workspace) -> Cluster:
    """app2 dies; the balancer notices."""
    cluster = TomcatShop(HAProxy(affinity="prefix"))(workspace)
    balancer = cluster.balancer
    assert isinstance(balancer, HAProxy)
    workspace.stop("app2")
    workspace.wait_for("edge", lambda: balancer.states()["app2"] == "DOWN")
    return cluster


SCENARIOS = (
    Scenario(
        name="tomcat-healthy-haproxy",
        build=TomcatShop(HAProxy(affinity="prefix")),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="tomcat-healthy-nginx",
        build=TomcatShop(Nginx(routes=BY_ROUTE)),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="tomcat-healthy-apache",
        build=TomcatShop(Apache(routes=BY_ROUTE)),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="tomcat-lb-no-affinity-haproxy",
        build=TomcatShop(HAProxy()),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="lb-no-affinity",
        where=("edge",),
    ),
    Scenario(
        name="tomcat-lb-no-affinity-nginx",
        build=TomcatShop(Nginx()),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="lb-no-affinity",
        where=("edge",),
    ),
    Scenario(
        name="tomcat-lb-no-affinity-apache",
        build=TomcatShop(Apache(routes=BY_ROUTE, sticky="")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="lb-no-affinity",
        where=("edge",),
    ),
    Scenario(
        name="tomcat-sticky-cookie-name-mismatch",
        build=TomcatShop(Apache(routes=BY_ROUTE, sticky="jsessionid")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="sticky-cookie-name-mismatch",
        where=("edge",),
    ),
    Scenario(
        name="tomcat-route-id-swapped-apache",
        build=TomcatShop(Apache(routes=SWAPPED)),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="route-id-mismatch",
    ),
    Scenario(
        name="tomcat-route-id-duplicate",
        build=TomcatShop(Nginx(routes=BY_ROUTE), nodes=(TWO[0], replace(TWO[1], route="app1"))),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="route-id-mismatch",
    ),
    Scenario(
        name="tomcat-route-id-swapped-nginx",
        build=TomcatShop(Nginx(routes=SWAPPED)),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="route-id-mismatch",
    ),
    Scenario(
        name="tomcat-sticky-node-lost",
        build=_one_lost,
        proofs=(proofs.balancer_says_down("app2"),),
        cause="sticky-node-lost",
        where=("app2",),
    ),
    Scenario(
        name="tomcat-node-memory-pressure",
        build=TomcatShop(
            HAProxy(affinity="prefix"), nodes=(TWO[0], replace(TWO[1], sessions=Limited(4))), managed=True
        ),
        proofs=(no_room_at("app2", 4),),
        cause="node-memory-pressure",
        where=("app2",),
    ),
    Scenario(
        name="tomcat-healthy-sessions-limited",
        build=TomcatShop(
            HAProxy(affinity="prefix"), nodes=(TWO[0], replace(TWO[1], sessions=Limited(4000))), managed=True
        ),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
)
