"""HAProxy in front of nodes whose Redis is more than one server: replicas, sentinels, a cluster."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.lab import proofs
from tests.lab.cluster import FLOW, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.errors import LabError
from tests.lab.scenario import Scenario
from tests.lab.servers.delay import Delay
from tests.lab.servers.django import Django
from tests.lab.servers.express import Express
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.redis import Redis, client
from tests.lab.servers.redis_cluster import start_cluster
from tests.lab.servers.sentinel import SERVICE, Sentinel

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lab.workspace import Workspace

    Shape = Callable[[Workspace, str], "Stores"]

VARIABLE = "LAB_REDIS_PASSWORD"
HOST = "www.shop.test"
"""A name that only the topology file resolves; Django's forms need one that is no address."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Running servers: what a node is told, and what the topology file says of them."""

    servers: dict[str, Redis]
    node_url: str
    declared: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Replicated:
    """A primary, and a replica that gets its writes `late_s` seconds late; nodes read from it, or from the primary."""

    late_s: float = 0.0
    is_read: bool = True

    def __call__(self, workspace: Workspace, password: str) -> Stores:
        """Start both."""
        primary = Redis("redis", workspace.port(6379), password)
        line = Delay(primary.port, self.late_s, port=workspace.port(6380))
        workspace.start(primary, line)
        source = line.port if self.late_s else primary.port
        replica = Redis("replica", workspace.port(6379), password, replica_of=source)
        workspace.start(replica)
        _wait_until_fed(primary)
        if self.late_s:
            _wait_for_lag(primary, replica, self.late_s)
        declared = {"url": hidden(primary), "replicas": [hidden(replica)]}
        urls = (primary.url(), replica.url()) if self.is_read else (primary.url(),)
        return Stores({"redis": primary, "replica": replica}, ",".join(urls), declared)


def _wait_until_fed(primary: Redis) -> None:
    """Return when writes reach the replica: its link is up before the primary begins to send it what is new."""
    with client(primary) as writing:
        writing.set("fed", "", ex=60)
        if not writing.wait(1, 4000):
            raise LabError("the replica does not follow")


def _wait_for_lag(primary: Redis, replica: Redis, late_s: float) -> None:
    """Return when writes come late: the line is quick at first."""
    with client(primary) as writing, client(replica) as reading:
        for n in range(100):
            writing.set(f"lag:{n}", n, ex=60)
            time.sleep(late_s / 10)
            if not reading.exists(f"lag:{n}"):
                return
    raise LabError("the replica does not lag")


def watched(workspace: Workspace, password: str) -> Stores:
    """A primary and a replica, and three sentinels that know them."""
    primary = Redis("redis", workspace.port(6379), password)
    workspace.start(primary)
    replica = Redis("replica", workspace.port(6379), password, replica_of=primary.port)
    sentinels = [Sentinel(f"sentinel{n}", primary.port, password, workspace.port(26379)) for n in (1, 2, 3)]
    workspace.start(replica, *sentinels)
    hosts = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in sentinels)
    url = f"redis+sentinel://:${{{VARIABLE}}}@{hosts}/{SERVICE}/0"
    return Stores({"redis": primary, "replica": replica}, primary.url(), {"url": url})


def clustered(workspace: Workspace, password: str) -> Stores:
    """A cluster of three."""
    servers = start_cluster(workspace, password)
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    urls = ",".join(f"redis://:{password}@127.0.0.1:{server.port}" for server in servers)
    url = f"redis+cluster://:${{{VARIABLE}}}@{hosts}"
    return Stores({server.name: server for server in servers}, urls, {"url": url})


def hidden(server: Redis) -> str:
    """Its URL as a topology file says it."""
    return server.url(f"${{{VARIABLE}}}")


@dataclass(frozen=True, slots=True)
class Shop:
    """Three nodes like `node` with a store of some shape."""

    shape: Shape
    node: Express | Django

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        password, secret = secrets.token_hex(16), secrets.token_hex(24)
        stores = self.shape(workspace, password)
        nodes = tuple(
            replace(self.node, name=f"app{n}", port=workspace.port(3000 + n), secret=secret, store_url=stores.node_url)
            for n in (1, 2, 3)
        )
        workspace.start(*nodes)
        balancer = start_balancer(workspace, HAProxy(), nodes)
        site = f"http://{HOST}:{balancer.port}/"
        description = {
            "site": {
                "url": site, "resolve": {HOST: ["127.0.0.1"]}, "mode": "external", "idle_timeout": "30m", "flow": FLOW,
            },
            "load_balancers": [described(balancer)],
            "nodes": [
                {"name": node.name, "url": node.url, "headers": {"Host": HOST}, "store": "sessions"} for node in nodes
            ],
            "stores": [{"name": "sessions", "kind": "redis", **stores.declared}],
        }  # fmt: skip
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, description),
            secrets=frozenset({password, secret}),
            env={VARIABLE: password},
            stores=stores.servers,
        )


SCENARIOS = (
    Scenario(
        name="redis-healthy-cluster",
        build=Shop(clustered, Express("app")),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="redis-healthy-sentinels",
        build=Shop(watched, Express("app")),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        # Even a replica that is in step may answer before a write has come: a primary first answers who wrote.
        name="redis-healthy-replica",
        build=Shop(Replicated(is_read=False), Django("app")),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        # Django's cache writes to the first server of its LOCATION and reads from the others.
        name="redis-replica-stale-read",
        build=Shop(Replicated(late_s=2.5), Django("app")),
        proofs=(proofs.state_is_lost,),
        cause="replica-stale-read",
        where=("sessions",),
    ),
)
