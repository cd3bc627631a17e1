"""HAProxy in front of three Tomcats whose sessions are in Redis, kept there by Redisson."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.lab import proofs
from tests.lab.cluster import FLOW, Balancer, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.redis import Redis
from tests.lab.servers.redisson import Redisson
from tests.lab.servers.tomcat import Tomcat
from tests.lab.shopper import Shopper

if TYPE_CHECKING:
    from tests.lab.workspace import Workspace

THREE = (Tomcat("app1"), Tomcat("app2"), Tomcat("app3"))


@dataclass(frozen=True, slots=True)
class StoredShop:
    """The cluster; each field is a place for a fault: the nodes, and where each of them keeps its sessions."""

    nodes: tuple[Tomcat, ...] = THREE
    sessions: tuple[Redisson, ...] = (Redisson(),) * 3

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        redis = Redis("redis", port=workspace.port(6379), password=secrets.token_hex(16))
        workspace.start(redis)
        nodes = tuple(
            replace(
                node,
                port=workspace.port(9000 + number),
                sessions=replace(sessions, redis=redis.port, password=redis.password),
            )
            for number, (node, sessions) in enumerate(zip(self.nodes, self.sessions, strict=True), start=1)
        )
        workspace.start(*nodes)
        balancer = start_balancer(workspace, HAProxy(), nodes)
        site = f"http://127.0.0.1:{balancer.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, _description(site, nodes, balancer, redis)),
            secrets=frozenset({redis.password}),
            env={"LAB_REDIS_PASSWORD": redis.password},
            stores={"redis": redis},
        )


def _description(site: str, nodes: tuple[Tomcat, ...], balancer: Balancer, redis: Redis) -> dict[str, Any]:
    return {
        "site": {"url": site, "mode": "external", "idle_timeout": "30m", "flow": FLOW},
        "load_balancers": [described(balancer)],
        "nodes": [{"name": node.name, "url": node.url, "store": "sessions"} for node in nodes],
        "stores": [{"name": "sessions", "kind": "redis", "url": redis.url("${LAB_REDIS_PASSWORD}")}],
    }


def an_old_copy_is_shown(cluster: Cluster) -> frozenset[str]:
    """What is changed on another node is not seen on the first one, which still has what it had."""
    with Shopper(cluster, cluster.nodes["app1"]) as first, Shopper(cluster, cluster.nodes["app2"]) as second:
        old = first.adds()
        second.takes_over(first)
        new = second.adds()
        assert second.sees(old), "the session is not shared at all"
        assert first.sees(old), "the first node has lost it"
        assert not first.sees(new), "the first node sees the change: the fault does not show"
        return first.traces() | second.traces()


def _last(**changes: Any) -> tuple[Redisson, ...]:
    """Three of which app3's differs."""
    return (Redisson(), Redisson(), Redisson(**changes))


SCENARIOS = (
    Scenario(
        # Redisson's default, for a balancer with affinity: without it a node answers from what it remembers.
        name="tomcat-redis-stale-copy-after-failback",
        build=StoredShop(sessions=(Redisson(own_copy=True),) * 3),
        proofs=(an_old_copy_is_shown,),
        cause="stale-copy-after-failback",
    ),
    Scenario(
        name="tomcat-redis-healthy",
        build=StoredShop(),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="tomcat-redis-healthy-kryo",
        build=StoredShop(sessions=(Redisson(codec="codec.Kryo5Codec"),) * 3),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="tomcat-redis-key-prefix-mismatch",
        build=StoredShop(sessions=_last(prefix="shop")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="key-prefix-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="tomcat-redis-store-endpoint-divergence",
        build=StoredShop(sessions=_last(database=1)),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="store-endpoint-divergence",
        where=("app3",),
    ),
    Scenario(
        name="tomcat-redis-class-version-mismatch",
        build=StoredShop(nodes=(*THREE[:2], replace(THREE[2], cart_version=2))),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="class-version-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="tomcat-redis-serializer-format-mismatch",
        build=StoredShop(sessions=_last(codec="codec.JsonJacksonCodec")),
        proofs=(proofs.state_is_lost,),
        cause="serializer-format-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="tomcat-redis-serializer-format-mismatch-kryo",
        build=StoredShop(sessions=_last(codec="codec.Kryo5Codec")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="serializer-format-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="tomcat-redis-ttl-shorter-than-idle",
        build=StoredShop(nodes=tuple(replace(node, timeout_m=2) for node in THREE)),
        proofs=(proofs.state_survives, proofs.keys_live_at_most(180, "redisson:tomcat_session:*")),
        cause="ttl-shorter-than-idle",
    ),
)
