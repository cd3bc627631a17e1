"""HAProxy in front of three Express nodes whose sessions are in Redis."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from tests.lab import proofs
from tests.lab.cluster import FLOW, Cluster, write_topology
from tests.lab.scenario import Scenario
from tests.lab.servers.express import Express
from tests.lab.servers.filler import Filler
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.redis import Redis, client
from tests.lab.tls import certificate

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.workspace import Workspace

# Names in braces are filled in when the ports and secrets of a run are known.
SESSIONS = "redis://:{password}@127.0.0.1:{redis}/0"
OTHER_DATABASE = "redis://:{password}@127.0.0.1:{redis}/1"
SPARE = "redis://:{password}@127.0.0.1:{spare}/0"
WRONG_PASSWORD = "redis://:{wrong_password}@127.0.0.1:{redis}/0"
MEMORY = ""

THREE = tuple(Express(f"app{n}", store_url=SESSIONS, secret="{secret}") for n in (1, 2, 3))


def every(**changes: Any) -> tuple[Express, ...]:
    """Three nodes with the same changes."""
    return tuple(replace(node, **changes) for node in THREE)


def last(**changes: Any) -> tuple[Express, ...]:
    """Three nodes of which app3 differs."""
    return (*THREE[:2], replace(THREE[2], **changes))


@dataclass(frozen=True, slots=True)
class ExpressShop:
    """The cluster; each field is a place for a fault.

    Attributes:
        spare: a second Redis, on its own or a replica of the first.
        declared: the address of the store in the topology file.
        declared_nodes: additions to the nodes in the topology file.
    """

    nodes: tuple[Express, ...] = THREE
    balancer: HAProxy = field(default_factory=HAProxy)
    redis: Redis = field(default_factory=lambda: Redis("redis"))
    spare: Literal["none", "independent", "replica"] = "none"
    scheme: Literal["http", "https"] = "http"
    idle_timeout: str = "30m"
    declared: str = SESSIONS
    declared_nodes: Mapping[str, Mapping[str, str | list[str]]] = field(default_factory=dict)

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        planted = {name: secrets.token_hex(16) for name in ("password", "wrong_password", "secret", "other_secret")}
        stores = self._start_stores(workspace, planted["password"])
        known = {**planted, **{name: str(store.port) for name, store in stores.items()}}
        nodes = self._start_nodes(workspace, known)
        ca, pem = self._certify(workspace)
        balancer = self._start_balancer(workspace, nodes, pem)
        site = f"{self.scheme}://127.0.0.1:{balancer.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, self._description(site, nodes, balancer, known)),
            secrets=frozenset(planted.values()),
            env={"LAB_REDIS_PASSWORD": planted["password"], **{_secret_env(node): node.secret for node in nodes}},
            stores=stores,
            ca=ca,
        )

    def _start_stores(self, workspace: Workspace, password: str) -> dict[str, Redis]:
        first = replace(self.redis, port=workspace.port(6379), password=password)
        workspace.start(first)
        if self.spare == "none":
            return {"redis": first}
        primary = first.port if self.spare == "replica" else 0
        spare = Redis("spare", port=workspace.port(6380), password=password, replica_of=primary)
        workspace.start(spare)
        return {"redis": first, "spare": spare}

    def _start_nodes(self, workspace: Workspace, known: Mapping[str, str]) -> tuple[Express, ...]:
        nodes = tuple(
            replace(
                node,
                port=workspace.port(3000 + number),
                secret=node.secret.format(**known),
                store_url=node.store_url.format(**known),
            )
            for number, node in enumerate(self.nodes, start=1)
        )
        workspace.start(*nodes)
        return nodes

    def _certify(self, workspace: Workspace) -> tuple[Path | None, Path | None]:
        if self.scheme == "http":
            return None, None
        home = workspace.directory / "tls"
        home.mkdir()
        issued = certificate(home)
        return issued.ca, issued.server

    def _start_balancer(self, workspace: Workspace, nodes: tuple[Express, ...], pem: Path | None) -> HAProxy:
        balancer = replace(
            self.balancer,
            port=workspace.port(8443 if pem else 8080),
            stats_port=workspace.port(8404),
            servers=tuple((node.name, node.port) for node in nodes),
            certificate=pem,
        )
        workspace.start(balancer)
        return balancer

    def _description(
        self, site: str, nodes: tuple[Express, ...], balancer: HAProxy, known: Mapping[str, str]
    ) -> dict[str, Any]:
        told = {**known, "password": "${LAB_REDIS_PASSWORD}"}
        ca = {"ca": "tls/ca.crt"} if self.scheme == "https" else {}
        return {
            "site": {"url": site, **ca, "mode": "external", "idle_timeout": self.idle_timeout, "flow": FLOW},
            "load_balancers": [
                {"name": "edge", "kind": "haproxy", "config": ["edge/haproxy.cfg"], "stats": balancer.stats}
            ],
            "nodes": [self._node(node, told) for node in nodes],
            "stores": [{"name": "sessions", "kind": "redis", "url": self.declared.format(**told)}],
        }

    def _node(self, node: Express, told: Mapping[str, str]) -> dict[str, Any]:
        proto = {"headers": {"X-Forwarded-Proto": "https"}} if self.scheme == "https" else {}
        extra = self.declared_nodes.get(node.name, {})
        filled = {key: value.format(**told) if isinstance(value, str) else value for key, value in extra.items()}
        return {"name": node.name, "url": node.url, **proto, "store": "sessions", **filled}


def _secret_env(node: Express) -> str:
    return f"LAB_SECRET_{node.name.upper()}"


def _evicting(workspace: Workspace) -> Cluster:
    """A neighbour's cache pushes the sessions out of a small Redis."""
    cluster = ExpressShop(redis=Redis("redis", maxmemory=3_000_000, policy="allkeys-lru"))(workspace)
    workspace.start(Filler(cluster.stores["redis"]))
    return cluster


def _full(workspace: Workspace) -> Cluster:
    """Redis holds more than it may and evicts nothing."""
    cluster = ExpressShop()(workspace)
    with client(cluster.stores["redis"]) as store:
        for number in range(100):
            store.set(f"cache:{number}", "x" * 20_000)
        store.config_set("maxmemory", 1_000_000)
    return cluster


SECRETS_DECLARED: Mapping[str, Mapping[str, str | list[str]]] = {
    node.name: {"secret_env": _secret_env(node), "config": [f"{node.name}/.env"]} for node in THREE
}

SCENARIOS = (
    Scenario(
        name="express-healthy",
        build=ExpressShop(),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="express-healthy-affinity",
        build=ExpressShop(balancer=HAProxy(affinity="insert")),
        proofs=(proofs.state_survives,),
    ),
    Scenario(
        name="express-healthy-max-age",
        build=ExpressShop(nodes=every(max_age=1800)),
        proofs=(proofs.state_survives,),
    ),
    Scenario(
        name="express-healthy-tls",
        build=ExpressShop(nodes=every(secure=True), scheme="https"),
        proofs=(proofs.state_survives,),
    ),
    Scenario(
        name="express-healthy-secrets-declared",
        build=ExpressShop(declared_nodes=SECRETS_DECLARED),
        proofs=(proofs.state_survives,),
    ),
    Scenario(
        name="express-signing-secret-mismatch",
        build=ExpressShop(nodes=last(secret="{other_secret}")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="signing-secret-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="express-signing-secret-mismatch-declared",
        build=ExpressShop(nodes=last(secret="{other_secret}"), declared_nodes=SECRETS_DECLARED),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="signing-secret-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="express-key-prefix-mismatch",
        build=ExpressShop(nodes=last(prefix="shop:")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="key-prefix-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="express-store-endpoint-divergence-database",
        build=ExpressShop(nodes=last(store_url=OTHER_DATABASE)),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="store-endpoint-divergence",
        where=("app3",),
    ),
    Scenario(
        name="express-store-endpoint-divergence-redis",
        build=ExpressShop(
            nodes=last(store_url=SPARE), spare="independent", declared_nodes={"app3": {"store_url": SPARE}}
        ),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="store-endpoint-divergence",
        where=("app3",),
    ),
    Scenario(
        name="express-node-local-store",
        build=ExpressShop(nodes=every(store_url=MEMORY)),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="node-local-store",
    ),
    Scenario(
        name="express-ttl-shorter-than-idle",
        build=ExpressShop(nodes=every(ttl=60)),
        proofs=(proofs.state_survives, proofs.keys_live_at_most(60)),
        cause="ttl-shorter-than-idle",
    ),
    Scenario(
        name="express-ttl-of-seconds",
        build=ExpressShop(nodes=every(ttl=4)),
        proofs=(proofs.state_survives, proofs.keys_live_at_most(4), proofs.state_is_lost_after(4.5)),
        cause="ttl-shorter-than-idle",
    ),
    Scenario(
        name="express-secure-cookie-no-forwarded-proto",
        build=ExpressShop(nodes=every(secure=True), scheme="https", balancer=HAProxy(forwards_proto=False)),
        proofs=(proofs.state_is_lost, proofs.no_cookie_is_kept),
        cause="secure-cookie-behind-tls-offload",
    ),
    Scenario(
        name="express-secure-cookie-no-trust-proxy",
        build=ExpressShop(nodes=every(secure=True, trust_proxy=False), scheme="https"),
        proofs=(proofs.state_is_lost, proofs.no_cookie_is_kept),
        cause="secure-cookie-behind-tls-offload",
    ),
    Scenario(
        name="express-cookie-path-mismatch",
        build=ExpressShop(nodes=every(mount="/app", cookie_path="/app"), balancer=HAProxy(prefix="/app")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="cookie-path-mismatch",
    ),
    Scenario(
        name="express-store-eviction",
        build=_evicting,
        proofs=(proofs.store_evicts, proofs.state_is_lost_after(6)),
        cause="store-eviction",
        where=("sessions",),
    ),
    Scenario(
        name="express-redis-oom",
        build=_full,
        proofs=(proofs.state_is_lost, proofs.store_refused("redis", "OOM")),
        cause="redis-oom",
        where=("sessions",),
    ),
    Scenario(
        name="express-redis-readonly",
        build=ExpressShop(nodes=every(store_url=SPARE), spare="replica", declared=SPARE),
        proofs=(proofs.state_is_lost, proofs.store_refused("spare", "READONLY")),
        cause="redis-readonly",
        where=("sessions",),
    ),
    Scenario(
        name="express-redis-readonly-one-node",
        build=ExpressShop(nodes=last(store_url=SPARE), spare="replica", declared_nodes={"app3": {"store_url": SPARE}}),
        proofs=(proofs.state_is_lost, proofs.store_refused("spare", "READONLY")),
        cause="redis-readonly",
        where=("app3",),
    ),
    Scenario(
        name="express-store-unreachable",
        build=ExpressShop(nodes=last(store_url=WRONG_PASSWORD), declared_nodes={"app3": {"logs": ["app3/app3.log"]}}),
        proofs=(proofs.state_is_lost,),
        cause="store-unreachable",
        where=("app3",),
    ),
    Scenario(
        name="express-clock-skew",
        build=ExpressShop(nodes=last(clock="-45m", max_age=1800)),
        proofs=(proofs.state_is_lost, proofs.clock_is_off("app3", -2700)),
        cause="clock-skew",
        where=("app3",),
    ),
)
