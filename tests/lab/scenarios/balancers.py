"""Every other balancer in front of two Express nodes, or mod_jk in front of two Tomcats, that keep their sessions."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.lab import proofs
from tests.lab.cluster import FLOW, Balancer, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.apache import Apache
from tests.lab.servers.caddy import Caddy
from tests.lab.servers.envoy import Envoy
from tests.lab.servers.express import Express
from tests.lab.servers.haproxy import HAProxy, order
from tests.lab.servers.jk import ModJk
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.tomcat import Tomcat
from tests.lab.servers.traefik import Traefik

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.lab.workspace import Workspace

NODES = ("app1", "app2")
BY_NAME = {name: name for name in NODES}
RENAMED = {f"worker{number}": name for number, name in enumerate(NODES, start=1)}


@dataclass(frozen=True, slots=True)
class MemoryShop:
    """Express nodes with express-session's MemoryStore: only the balancer can keep a cart."""

    balancer: Balancer
    nodes: tuple[Express, ...] = tuple(Express(name) for name in NODES)
    flow: Mapping[str, Any] = field(default_factory=lambda: FLOW)

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        secret, key = secrets.token_hex(16), secrets.token_hex(16)
        nodes = tuple(
            replace(node, port=workspace.port(3000 + number), secret=secret)
            for number, node in enumerate(self.nodes, start=1)
        )
        workspace.start(*nodes)
        balancer = start_balancer(workspace, _keyed(self.balancer, key), nodes)
        return _cluster(workspace, balancer, nodes, frozenset({secret, key}), self.flow)


@dataclass(frozen=True, slots=True)
class JkShop:
    """Tomcats behind mod_jk, which speaks AJP to them."""

    balancer: ModJk

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        nodes = tuple(
            Tomcat(name, port=workspace.port(9000 + number), ajp_port=workspace.port(8009 + number), route=name)
            for number, name in enumerate(NODES, start=1)
        )
        workspace.start(*nodes)
        balancer = start_balancer(workspace, self.balancer, [node.by_ajp for node in nodes])
        return _cluster(workspace, balancer, nodes, frozenset())


def _keyed(balancer: Balancer, key: str) -> Balancer:
    """With the secret of its cookie, if it has one."""
    match balancer:
        case HAProxy(affinity="dynamic"):
            return replace(balancer, dynamic_key=key)
        case Caddy(affinity="cookie"):
            return replace(balancer, secret=key)
        case _:
            return balancer


def _cluster(
    workspace: Workspace,
    balancer: Balancer,
    nodes: Sequence[Express | Tomcat],
    planted: frozenset[str],
    flow: Mapping[str, Any] = FLOW,
) -> Cluster:
    site = f"http://127.0.0.1:{balancer.port}/"
    return Cluster(
        site=site,
        nodes={node.name: node.url for node in nodes},
        balancer=balancer,
        topology=write_topology(workspace.directory, _description(site, balancer, nodes, flow)),
        secrets=planted,
    )


def _description(
    site: str, balancer: Balancer, nodes: Sequence[Express | Tomcat], flow: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "site": {"url": site, "mode": "sticky", "idle_timeout": "30m", "flow": dict(flow)},
        "load_balancers": [described(balancer)],
        "nodes": [{"name": node.name, "url": node.url, **_own(node)} for node in nodes],
    }


def _own(node: Express | Tomcat) -> dict[str, Any]:
    if isinstance(node, Express):
        return {"store": "none"}
    return {"route": node.route, "config": [f"{node.name}/conf/server.xml"]}


def _draining(workspace: Workspace) -> Cluster:
    """HAProxy sends nobody new to app2, as before a deployment."""
    cluster = MemoryShop(HAProxy(affinity="insert"))(workspace)
    order(workspace.directory / "edge", "set server app/app2 state drain")
    return cluster


def _app2_drains(cluster: Cluster) -> frozenset[str]:
    """HAProxy says so."""
    assert isinstance(cluster.balancer, HAProxy)
    states = cluster.balancer.states()
    assert states["app2"].startswith("DRAIN"), f"{states}"
    return frozenset()


def _healthy(name: str, balancer: Balancer) -> Scenario:
    return Scenario(f"sticky-healthy-{name}", MemoryShop(balancer), (proofs.state_survives,))


def _without_affinity(name: str, balancer: Balancer) -> Scenario:
    return Scenario(
        f"sticky-lb-no-affinity-{name}",
        MemoryShop(balancer),
        (proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="lb-no-affinity",
        where=("edge",),
    )


def _faulty(name: str, cause: str, balancer: Balancer) -> Scenario:
    """A fault of the balancer that costs every user the cart."""
    return Scenario(f"sticky-{cause}-{name}", MemoryShop(balancer), LOST_BETWEEN, cause=cause, where=("edge",))


OTHER_PATH = 'header_down Set-Cookie "Path=/" "Path=/other"'
"""Caddy's search and replacement in the cookies of the nodes."""

NO_COOKIE_IN = {"customRequestHeaders": {"Cookie": ""}}
NO_COOKIE_OUT = {"customResponseHeaders": {"Set-Cookie": ""}}
NO_COOKIES = {"response_headers_to_remove": ["set-cookie"]}
LOST_BETWEEN = (proofs.state_is_lost, proofs.nodes_keep_their_own)

SCENARIOS = (
    _healthy("haproxy-dynamic", HAProxy(affinity="dynamic")),
    _healthy("haproxy-source", HAProxy(affinity="source")),
    _healthy("haproxy-dates", HAProxy(affinity="insert", lifetimes="maxidle 30m maxlife 8h")),
    Scenario("sticky-healthy-haproxy-drain", _draining, (proofs.state_survives, _app2_drains)),
    _healthy("nginx-ip-hash", Nginx(method="ip_hash")),
    _healthy("apache-routeid", Apache(routes=BY_NAME, sticky="ROUTEID")),
    _healthy("caddy-cookie", Caddy(affinity="cookie")),
    _healthy("caddy-ip-hash", Caddy(affinity="ip_hash")),
    _healthy("traefik", Traefik(affinity="cookie")),
    _healthy("envoy-cookie", Envoy(affinity="cookie")),
    _healthy("envoy-source", Envoy(affinity="source")),
    _healthy("envoy-cookie-hash", Envoy(affinity="cookie-hash")),
    _without_affinity("haproxy", HAProxy()),
    _without_affinity("nginx", Nginx()),
    _without_affinity("apache", Apache(routes=BY_NAME, sticky="")),
    _without_affinity("caddy", Caddy()),
    _without_affinity("traefik", Traefik()),
    _without_affinity("envoy", Envoy()),
    _faulty("caddy", "cdn-drops-cookies", Caddy(affinity="ip_hash", extra=("header_up -Cookie",))),
    _faulty("caddy", "proxy-rewrites-cookie", Caddy(affinity="ip_hash", extra=("header_down -Set-Cookie",))),
    _faulty("caddy-path", "proxy-rewrites-cookie", Caddy(affinity="ip_hash", extra=(OTHER_PATH,))),
    _faulty("traefik", "cdn-drops-cookies", Traefik(affinity="source", headers=NO_COOKIE_IN)),
    _faulty(
        "traefik",
        "proxy-rewrites-cookie",
        Traefik(affinity="source", headers=NO_COOKIE_OUT),
    ),
    _faulty("traefik", "affinity-cookie-scope", Traefik(affinity="cookie", options={"secure": True})),
    _faulty("envoy", "cdn-drops-cookies", Envoy(affinity="source", route={"request_headers_to_remove": ["cookie"]})),
    _faulty("envoy", "proxy-rewrites-cookie", Envoy(affinity="source", route=NO_COOKIES)),
    _faulty("envoy", "affinity-cookie-not-issued", Envoy(affinity="cookie", path="/other")),
    Scenario(
        name="jk-healthy",
        build=JkShop(ModJk(workers=BY_NAME)),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="jk-lb-no-affinity",
        build=JkShop(ModJk(workers=BY_NAME, sticky=False)),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="lb-no-affinity",
        where=("edge",),
    ),
    Scenario(
        name="jk-route-id-mismatch",
        build=JkShop(ModJk(workers=RENAMED)),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="route-id-mismatch",
    ),
)
