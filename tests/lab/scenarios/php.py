"""HAProxy or nginx in front of three PHP nodes: sessions in Redis, or in files of each node."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from tests.lab import proofs
from tests.lab.cluster import FLOW, Balancer, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.php import Php
from tests.lab.servers.redis import Redis

if TYPE_CHECKING:
    from tests.lab.workspace import Workspace

# Names in braces are filled in when the port and the password of a run are known.
SESSIONS = "tcp://127.0.0.1:{redis}?auth={password}"
OTHER_DATABASE = f"{SESSIONS}&database=1"
OTHER_PREFIX = f"{SESSIONS}&prefix=checkout:"
FILES = ""

THREE = tuple(Php(f"app{n}", save_path=SESSIONS) for n in (1, 2, 3))


def every(**changes: Any) -> tuple[Php, ...]:
    """Three nodes with the same changes."""
    return tuple(replace(node, **changes) for node in THREE)


def last(**changes: Any) -> tuple[Php, ...]:
    """Three nodes of which app3 differs."""
    return (*THREE[:2], replace(THREE[2], **changes))


@dataclass(frozen=True, slots=True)
class PhpShop:
    """The cluster; each field is a place for a fault. The store is declared where a node uses it."""

    balancer: Balancer
    nodes: tuple[Php, ...] = THREE
    mode: Literal["external", "sticky"] = "external"

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        redis = Redis("redis", port=workspace.port(6379), password=secrets.token_hex(16))
        workspace.start(redis)
        nodes = tuple(
            replace(
                node,
                port=workspace.port(8000 + number),
                save_path=node.save_path.format(redis=redis.port, password=redis.password),
            )
            for number, node in enumerate(self.nodes, start=1)
        )
        workspace.start(*nodes)
        balancer = start_balancer(workspace, self.balancer, nodes)
        site = f"http://127.0.0.1:{balancer.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, self._description(site, nodes, balancer, redis)),
            secrets=frozenset({redis.password}),
            env={"LAB_REDIS_PASSWORD": redis.password},
            stores={"redis": redis},
        )

    def _description(self, site: str, nodes: tuple[Php, ...], balancer: Balancer, redis: Redis) -> dict[str, Any]:
        url = f"redis://:${{LAB_REDIS_PASSWORD}}@127.0.0.1:{redis.port}/0"
        stores = [{"name": "sessions", "kind": "redis", "url": url}] if any(node.save_path for node in nodes) else []
        store = {"store": "sessions"} if stores else {}
        return {
            "site": {"url": site, "mode": self.mode, "idle_timeout": "30m", "flow": FLOW},
            "load_balancers": [described(balancer)],
            "nodes": [
                {"name": node.name, "url": node.url, "config": [f"{node.name}/php.ini"], **store} for node in nodes
            ],
            "stores": stores,
        }


SCENARIOS = (
    Scenario(
        name="php-healthy",
        build=PhpShop(Nginx()),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own, proofs.login_survives, proofs.form_is_taken),
    ),
    Scenario(
        name="php-healthy-affinity",
        build=PhpShop(HAProxy(affinity="insert"), nodes=every(save_path=FILES), mode="sticky"),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own, proofs.login_survives, proofs.form_is_taken),
    ),
    Scenario(
        name="php-node-local-store",
        build=PhpShop(Nginx(), nodes=every(save_path=FILES)),
        proofs=(proofs.state_is_lost, proofs.state_flaps, proofs.nodes_keep_their_own),
        cause="node-local-store",
    ),
    Scenario(
        name="php-node-local-store-strict",
        build=PhpShop(HAProxy(), nodes=every(save_path=FILES, strict=True)),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="node-local-store",
    ),
    Scenario(
        name="php-lb-no-affinity",
        build=PhpShop(HAProxy(), nodes=every(save_path=FILES), mode="sticky"),
        proofs=(proofs.state_is_lost, proofs.state_flaps, proofs.nodes_keep_their_own),
        cause="lb-no-affinity",
        where=("edge",),
    ),
    Scenario(
        name="php-store-endpoint-divergence",
        build=PhpShop(Nginx(), nodes=last(save_path=OTHER_DATABASE)),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="store-endpoint-divergence",
        where=("app3",),
    ),
    Scenario(
        name="php-key-prefix-mismatch",
        build=PhpShop(HAProxy(), nodes=last(save_path=OTHER_PREFIX)),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="key-prefix-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="php-serializer-format-mismatch",
        build=PhpShop(Nginx(), nodes=last(serializer="php_serialize")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="serializer-format-mismatch",
    ),
    Scenario(
        name="php-serializer-format-mismatch-igbinary",
        build=PhpShop(HAProxy(), nodes=last(serializer="igbinary")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="serializer-format-mismatch",
    ),
    Scenario(
        name="php-ttl-shorter-than-idle",
        build=PhpShop(Nginx(), nodes=every(lifetime=60)),
        proofs=(proofs.state_survives, proofs.keys_live_at_most(60, "PHPREDIS_SESSION:*")),
        cause="ttl-shorter-than-idle",
    ),
)
