"""HAProxy in front of three Tomcats that copy their sessions to each other."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import httpx

from tests.lab import proofs
from tests.lab.cluster import FLOW, Balancer, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.delay import Delay
from tests.lab.servers.delta import DeltaManager
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.tomcat import Tomcat
from tests.lab.shopper import Shopper

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        asynchronous: they answer before they send their copies; `lag_s` is how long each copy takes.
        backup: BackupManager in place of DeltaManager.
        cut: numbers of the nodes that no other reaches any more, once all have met.
    """

    nodes: tuple[Tomcat, ...] = THREE
    distributable: bool = True
    new_clients: frozenset[int] = frozenset()
    asynchronous: bool = False
    lag_s: float = 0.0
    backup: bool = False
    cut: frozenset[int] = frozenset()

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        password = secrets.token_hex(16)
        receivers = {number: workspace.port(4000 + number) for number in range(1, len(self.nodes) + 1)}
        lines = self._lines(workspace, receivers)
        ports, nowhere = {pair: line.port for pair, line in lines.items()}, workspace.port(4000)
        nodes = tuple(
            replace(
                node,
                port=workspace.port(9000 + number),
                manager=password,
                sessions=DeltaManager(
                    number,
                    receivers[number],
                    tuple(
                        (other, nowhere if {number, other} & self.new_clients else ports.get((number, other), port))
                        for other, port in receivers.items()
                        if other != number
                    ),
                    self.distributable,
                    asynchronous=self.asynchronous,
                    backup=self.backup,
                ),
            )
            for number, node in enumerate(self.nodes, start=1)
        )
        for node in nodes:  # two that start at the same instant may wait for each other's sessions
            workspace.start(node)
        for number, node in enumerate(nodes, start=1):
            others = 0 if number in self.new_clients else len(nodes) - 1 - len(self.new_clients)
            workspace.wait_for(node.name, partial(_met, workspace, node, others))
        self._wait_for_maps(workspace, nodes)
        balancer = start_balancer(workspace, HAProxy(), nodes)
        site = f"http://127.0.0.1:{balancer.port}/"
        cluster = Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, _description(site, nodes, balancer)),
            secrets=frozenset({password}),
            env={"LAB_PASSWORD": password},
        )
        self._part(workspace, cluster, lines, nodes)
        return cluster

    def _wait_for_maps(self, workspace: Workspace, nodes: tuple[Tomcat, ...]) -> None:
        """Members whose maps of sessions have not met yet keep no copies: BackupManager's do so after the members."""
        if not (self.backup and self.distributable):
            return
        met = [node for number, node in enumerate(nodes, start=1) if number not in self.new_clients]
        for one, other in pairwise((*met, met[0])):
            workspace.wait_for(one.name, partial(_shares, one.url, other.url))

    def _lines(self, workspace: Workspace, receivers: Mapping[int, int]) -> Mapping[tuple[int, int], Delay]:
        """A line of its own from a node to another, where it is slow or will be cut."""
        lines = {
            (one, other): Delay(port, 0.0, 0.0, workspace.port(4100), f"line{one}{other}", self.lag_s)
            for one in receivers
            for other, port in receivers.items()
            if one != other and (self.lag_s or {one, other} & self.cut)
        }
        workspace.start(*lines.values())
        return lines

    def _part(
        self,
        workspace: Workspace,
        cluster: Cluster,
        lines: Mapping[tuple[int, int], Delay],
        nodes: tuple[Tomcat, ...],
    ) -> None:
        """Cut the lines of nodes that were members, and have had sessions, until all of them have noticed."""
        if not self.cut:
            return
        for url in cluster.nodes.values():
            with Shopper(cluster, url) as user:
                user.adds()
        for (one, other), line in lines.items():
            if {one, other} & self.cut:
                workspace.stop(line.name)
        for number, node in enumerate(nodes, start=1):
            lost = len(nodes) - 1 if number in self.cut else len(self.cut)
            workspace.wait_for(node.name, partial(_lost, workspace, node, lost))


def _met(workspace: Workspace, node: Tomcat, others: int) -> bool:
    """Whether a node has met all others."""
    log = workspace.directory / node.name / f"{node.name}.log"
    return log.read_text(errors="replace").count("Replication member added") >= others


def _shares(one: str, other: str) -> bool:
    """Whether a cart of the one node is on the other."""
    with httpx.Client(timeout=15) as user:
        user.post(f"{one}cart", data={"item": "first"})
        return "first" in user.get(f"{other}cart").text


def _lost(workspace: Workspace, node: Tomcat, others: int) -> bool:
    """Whether a node has noticed that others are gone."""
    log = workspace.directory / node.name / f"{node.name}.log"
    return log.read_text(errors="replace").count("Received member disappeared") >= others


def _description(site: str, nodes: tuple[Tomcat, ...], balancer: Balancer) -> dict[str, Any]:
    return {
        "site": {"url": site, "mode": "replicated", "idle_timeout": "30m", "flow": FLOW},
        "load_balancers": [described(balancer)],
        "nodes": [
            {
                "name": node.name,
                "url": node.url,
                "route": node.name,
                "config": [f"{node.name}/conf/server.xml"],
                "management": {"kind": "tomcat", "url": node.jmx("${LAB_PASSWORD}")},
            }
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
    Scenario(
        # The application changes the cart that is in the session: what a node sends is what was set.
        name="tomcat-cluster-mutation-not-saved",
        build=ReplicatingShop(every(attribute="mutated")),
        proofs=(proofs.later_change_is_lost, proofs.nodes_keep_their_own),
        cause="mutation-not-saved",
    ),
    Scenario(
        # Tomcat's own default, over a line that is not as quick as one machine.
        name="tomcat-cluster-async-replication-loss",
        build=ReplicatingShop(asynchronous=True, lag_s=0.25),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="async-replication-loss",
    ),
    Scenario(
        name="tomcat-cluster-healthy-slow-line",
        build=ReplicatingShop(lag_s=0.05),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="tomcat-cluster-split-brain",
        build=ReplicatingShop(cut=frozenset({3})),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="split-brain",
        where=("app3",),
    ),
    Scenario(
        name="tomcat-backup-healthy",
        build=ReplicatingShop(backup=True),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="tomcat-backup-membership-broken",
        build=ReplicatingShop(backup=True, new_clients=frozenset({3})),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="cluster-membership-broken",
        where=("app3",),
    ),
    Scenario(
        name="tomcat-backup-not-distributable",
        build=ReplicatingShop(backup=True, distributable=False),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="not-distributable",
    ),
)
