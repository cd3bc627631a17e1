"""Sessions in memcached, one server or a ring, under PHP, Flask, Django and Express, and what goes wrong there."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tests.lab import memcached_proofs, proofs
from tests.lab.cluster import FLOW, Balancer, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.django import Django
from tests.lab.servers.express import Express
from tests.lab.servers.flask import Flask
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.memcached import Filler, Holder, Memcached
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.php import Php
from tests.lab.workspace import Workspace

Node = Php | Flask | Django | Express

# Names in braces are filled in when the ports and secrets of a run are known; {nowhere} is a port without a server.
ONE = "{m1}"
SECRET = "{secret}"
RING = "{m1},{m2},{m3}"
OTHER_ORDER = "{m3},{m1},{m2}"
SHORT_RING = "{m1},{m2}"
THREE_SERVERS = tuple(Memcached(f"m{n}") for n in (1, 2, 3))
LARGE = 20_000  # bytes of a session, as much as the values of the neighbour: they compete for one slab class

PHP = tuple(Php(f"app{n}", handler="memcached", save_path=ONE) for n in (1, 2, 3))
FLASK = tuple(Flask(f"app{n}", secret=SECRET, servers=ONE) for n in (1, 2, 3))
DJANGO = tuple(Django(f"app{n}", secret=SECRET, store_url=ONE) for n in (1, 2, 3))
EXPRESS = tuple(Express(f"app{n}", secret=SECRET, store_url=ONE) for n in (1, 2, 3))
HEALTHY = (proofs.state_survives, proofs.nodes_keep_their_own)
LOST = (proofs.state_is_lost, proofs.nodes_keep_their_own)
SOME_LOST = (memcached_proofs.some_state_is_lost, proofs.nodes_keep_their_own)


def every(nodes: tuple[Node, ...], **changes: Any) -> tuple[Node, ...]:
    """Three nodes with the same changes."""
    return tuple(replace(node, **changes) for node in nodes)


def last(nodes: tuple[Node, ...], **changes: Any) -> tuple[Node, ...]:
    """Three nodes of which app3 differs."""
    return (*nodes[:2], replace(nodes[2], **changes))


def nobody(_workspace: Workspace, _servers: Mapping[str, Memcached]) -> None:
    """No neighbour."""


@dataclass(frozen=True, slots=True)
class Shop:
    """The cluster; each field is a place for a fault.

    Attributes:
        declared: the servers of the store in the topology file, in order.
        declared_nodes: additions to the nodes in the topology file.
        neighbour: starts what else uses the servers.
    """

    nodes: tuple[Node, ...]
    servers: tuple[Memcached, ...] = (Memcached("m1"),)
    declared: tuple[str, ...] = ("m1",)
    declared_nodes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    balancer: Balancer = field(default_factory=Nginx)
    neighbour: Callable[[Workspace, Mapping[str, Memcached]], None] = nobody

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        servers = {one.name: replace(one, port=workspace.port(11211)) for one in self.servers}
        workspace.start(*servers.values())
        secret = secrets.token_hex(24)
        known = {name: one.place for name, one in servers.items()}
        known |= {"secret": secret, "nowhere": f"127.0.0.1:{workspace.port(11219)}"}
        nodes = tuple(_placed(node, workspace.port(8000 + n), known) for n, node in enumerate(self.nodes, start=1))
        workspace.start(*nodes)
        balancer = start_balancer(workspace, self.balancer, nodes)
        self.neighbour(workspace, servers)
        site = f"http://127.0.0.1:{balancer.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, self._description(site, nodes, balancer, known)),
            secrets=frozenset({secret}),
            memcached=servers,
        )

    def _description(
        self, site: str, nodes: tuple[Node, ...], balancer: Balancer, known: Mapping[str, str]
    ) -> dict[str, Any]:
        more = {
            name: {key: value.format(**known) for key, value in told.items()}
            for name, told in self.declared_nodes.items()
        }
        urls = [f"memcached://{known[name]}" for name in self.declared]
        return {
            "site": {"url": site, "mode": "external", "idle_timeout": "30m", "flow": FLOW},
            "load_balancers": [described(balancer)],
            "nodes": [
                {"name": node.name, "url": node.url, "store": "sessions", **more.get(node.name, {})} for node in nodes
            ],
            "stores": [{"name": "sessions", "kind": "memcached", "url": urls}],
        }


def _placed(node: Node, port: int, known: Mapping[str, str]) -> Node:
    """A node with its port, its servers and its secret."""
    where = {Php: "save_path", Flask: "servers"}.get(type(node), "store_url")
    filled = {"port": port, where: getattr(node, where).format(**known)}
    if not isinstance(node, Php):
        filled["secret"] = node.secret.format(**known)
    return replace(node, **filled)


def ring(nodes: tuple[Node, ...], **changes: Any) -> Shop:
    """Nodes on a ring of three servers."""
    return Shop(nodes, servers=THREE_SERVERS, declared=("m1", "m2", "m3"), **changes)


def _filled(counter: str) -> Callable[[Workspace, Mapping[str, Memcached]], None]:
    """A neighbour that fills the server until a counter rises."""
    return lambda workspace, servers: workspace.start(Filler(servers["m1"], counter))


def _held(workspace: Workspace, servers: Mapping[str, Memcached]) -> None:
    """A neighbour that takes all connections."""
    workspace.start(Holder(servers["m1"], 60))


SCENARIOS = (
    Scenario(
        name="memcached-php-healthy",
        build=Shop(PHP),
        proofs=(*HEALTHY, memcached_proofs.holds_sessions("memc.sess.key.")),
    ),
    Scenario(
        name="memcached-flask-healthy",
        build=Shop(FLASK, balancer=HAProxy()),
        proofs=(*HEALTHY, memcached_proofs.holds_sessions("session")),
    ),
    Scenario(
        name="memcached-django-healthy",
        build=Shop(DJANGO),
        proofs=(*HEALTHY, memcached_proofs.holds_sessions("shop")),
    ),
    Scenario(
        name="memcached-express-healthy",
        build=Shop(EXPRESS, balancer=HAProxy()),
        proofs=(*HEALTHY, memcached_proofs.holds_sessions("sess")),
    ),
    Scenario(
        name="memcached-php-healthy-ring",
        build=ring(every(PHP, save_path=RING)),
        proofs=(*HEALTHY, memcached_proofs.servers_share),
    ),
    Scenario(
        name="memcached-php-healthy-ring-other-order",
        build=ring(
            last(every(PHP, save_path=RING), save_path=OTHER_ORDER),
            declared_nodes={
                "app1": {"store_url": f"memcached://{RING}"},
                "app3": {"store_url": f"memcached://{OTHER_ORDER}"},
            },
        ),
        proofs=(*HEALTHY, memcached_proofs.servers_share),
    ),
    Scenario(
        name="memcached-django-healthy-ring",
        build=ring(last(every(DJANGO, store_url=RING), store_url=OTHER_ORDER)),
        proofs=(*HEALTHY, memcached_proofs.servers_share),
    ),
    Scenario(
        name="memcached-php-ring-mismatch-order",
        build=ring(last(every(PHP, save_path=RING, consistent=False), save_path=OTHER_ORDER)),
        proofs=LOST,
        cause="memcached-ring-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="memcached-php-ring-mismatch-short",
        build=ring(last(every(PHP, save_path=RING), save_path=SHORT_RING)),
        proofs=SOME_LOST,
        cause="memcached-ring-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="memcached-php-ring-mismatch-hash",
        build=ring(last(every(PHP, save_path=RING), consistent=False)),
        proofs=SOME_LOST,
        cause="memcached-ring-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="memcached-django-ring-mismatch-short",
        build=ring(last(every(DJANGO, store_url=RING), store_url=SHORT_RING)),
        proofs=SOME_LOST,
        cause="memcached-ring-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="memcached-store-eviction",
        build=Shop(every(FLASK, ballast=LARGE), servers=(Memcached("m1", memory=2),), neighbour=_filled("evictions")),
        proofs=(memcached_proofs.rises("evictions"), proofs.state_is_lost_after(6)),
        cause="store-eviction",
        where=("sessions",),
    ),
    Scenario(
        name="memcached-redis-oom",
        build=Shop(
            every(FLASK, ballast=LARGE, noreply=True),
            servers=(Memcached("m1", memory=2, evicts=False),),
            neighbour=_filled("store_no_memory"),
        ),
        proofs=(proofs.state_is_lost, proofs.site_answers(200), memcached_proofs.counts("store_no_memory")),
        cause="redis-oom",
        where=("sessions",),
    ),
    Scenario(
        name="memcached-item-too-large",
        build=Shop(every(FLASK, ballast=10_000, noreply=True), servers=(Memcached("m1", largest_item=8),)),
        proofs=(proofs.state_is_lost, proofs.site_answers(200), memcached_proofs.counts("store_too_large")),
        cause="memcached-item-too-large",
        where=("sessions",),
    ),
    Scenario(
        name="memcached-expiry-30d",
        build=Shop(every(EXPRESS, max_age=40 * 86_400)),
        proofs=(proofs.state_is_lost, proofs.site_answers(200), memcached_proofs.counts("cmd_set")),
        cause="memcached-expiry-30d",
        where=("sessions",),
    ),
    Scenario(
        name="memcached-store-endpoint-divergence",
        build=Shop(
            last(PHP, save_path="{m2}"),
            servers=THREE_SERVERS[:2],
            declared_nodes={"app3": {"store_url": "memcached://{m2}"}},
        ),
        proofs=LOST,
        cause="store-endpoint-divergence",
        where=("app3",),
    ),
    Scenario(
        name="memcached-key-prefix-mismatch",
        build=Shop(last(PHP, prefix="checkout.")),
        proofs=LOST,
        cause="key-prefix-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="memcached-store-data-loss",
        build=Shop(PHP),
        proofs=(proofs.state_survives, memcached_proofs.flushed),
        cause="store-data-loss",
        where=("sessions",),
    ),
    Scenario(
        name="memcached-store-connection-exhaustion",
        build=Shop(PHP, servers=(Memcached("m1", connections=40),), neighbour=_held),
        proofs=(proofs.state_is_lost, memcached_proofs.has_no_connection_left),
        cause="store-connection-exhaustion",
        where=("sessions",),
    ),
    Scenario(
        name="memcached-store-unreachable",
        build=Shop(last(PHP, save_path="{nowhere}"), declared_nodes={"app3": {"store_url": "memcached://{nowhere}"}}),
        proofs=(proofs.state_is_lost,),
        cause="store-unreachable",
        where=("app3",),
    ),
)
