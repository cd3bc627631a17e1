"""HAProxy in front of two Spring Boot nodes: Spring Session in a store of each kind, or the servlet container's own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import yaml

from tests.lab import proofs
from tests.lab.cluster import FLOW, Balancer, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.postgres import Postgres
from tests.lab.servers.redis import Redis
from tests.lab.servers.spring import Spring, schema
from tests.lab.shopper import Shopper

if TYPE_CHECKING:
    from tests.lab.proofs import Proof
    from tests.lab.workspace import Workspace

TWO = (Spring("app1"), Spring("app2"))
GRID = tuple(replace(node, kind="hazelcast") for node in TWO)
SQL = tuple(replace(node, kind="jdbc") for node in TWO)
SERVLET = tuple(replace(node, kind="memory") for node in TWO)
INDEXED = {"spring.session.redis.repository-type": "indexed"}


@dataclass(frozen=True, slots=True)
class SpringOnRedis:
    """The cluster; each field is a place for a fault."""

    nodes: tuple[Spring, ...] = TWO

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        redis = Redis("redis", port=workspace.port(6379), password=secrets.token_hex(16))
        workspace.start(redis)
        where = {"spring.data.redis.port": str(redis.port), "spring.data.redis.password": redis.password}
        nodes = _placed(workspace, self.nodes, where)
        workspace.start(*nodes)
        stores = [{"name": "sessions", "kind": "redis", "url": redis.url("${LAB_REDIS_PASSWORD}")}]
        return replace(
            _cluster(workspace, nodes, "external", stores),
            secrets=frozenset({redis.password}),
            env={"LAB_REDIS_PASSWORD": redis.password},
            stores={"redis": redis},
        )


@dataclass(frozen=True, slots=True)
class SpringOnSql:
    """The same in PostgreSQL; `databases` is that of each node."""

    nodes: tuple[Spring, ...] = SQL
    databases: tuple[str, ...] = ("shop", "shop")

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        password = secrets.token_hex(16)
        names = tuple(dict.fromkeys(self.databases))
        server = Postgres("postgres", workspace.port(5432), password, names, sql=schema())
        workspace.start(server)
        nodes = tuple(
            replace(node, settings={**_datasource(server, database), **node.settings})
            for node, database in zip(_placed(workspace, self.nodes, {}), self.databases, strict=True)
        )
        workspace.start(*nodes)
        stores = [{"name": "sessions", "kind": "sql", "url": server.url(password="${LAB_PASSWORD}")}]
        return replace(
            _cluster(workspace, nodes, "external", stores),
            secrets=frozenset({password}),
            env={"LAB_PASSWORD": password},
        )


def _datasource(server: Postgres, database: str) -> dict[str, str]:
    return {
        "spring.datasource.url": f"jdbc:postgresql://127.0.0.1:{server.port}/{database}",
        "spring.datasource.username": "shop",
        "spring.datasource.password": server.password,
        "spring.datasource.hikari.maximum-pool-size": "4",
        "spring.datasource.hikari.minimum-idle": "1",
        "spring.session.jdbc.initialize-schema": "never",
    }


@dataclass(frozen=True, slots=True)
class SpringAlone:
    """Without Spring Session: every node has its own sessions. `mode` is what its owner believes."""

    balancer: Balancer
    mode: str = "sticky"
    nodes: tuple[Spring, ...] = SERVLET

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        nodes = _placed(workspace, self.nodes, {})
        workspace.start(*nodes)
        return _cluster(workspace, nodes, self.mode, [], self.balancer)


@dataclass(frozen=True, slots=True)
class SpringOnGrid:
    """Every node is a member of Hazelcast; `met` is whether they look for each other at the right ports."""

    met: bool = True
    nodes: tuple[Spring, ...] = GRID

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        ports = tuple(workspace.port(5701 + number) for number, _ in enumerate(self.nodes))
        nodes = tuple(
            replace(node, grid_port=port, members=ports if self.met else (port,))
            for node, port in zip(_placed(workspace, self.nodes, {}), ports, strict=True)
        )
        for node in nodes:  # two that start at the same instant may each found a cluster
            workspace.start(node)
        for node in nodes:
            workspace.wait_for(node.name, partial(_counts_members, workspace, node, len(nodes) if self.met else 1))
        members = [f"http://127.0.0.1:{port}" for port in ports]
        stores = [{"name": "grid", "kind": "hazelcast", "url": members}]
        cluster = _cluster(workspace, nodes, "replicated", stores)
        described = yaml.safe_load(cluster.topology.read_text())
        for node, member in zip(described["nodes"], members, strict=True):
            node["management"] = {"kind": "hazelcast", "url": member}
        cluster.topology.write_text(yaml.safe_dump(described, sort_keys=False))
        return cluster


def _counts_members(workspace: Workspace, node: Spring, members: int) -> bool:
    """Whether a node has met all members."""
    log = workspace.directory / node.name / f"{node.name}.log"
    return f"Members {{size:{members}," in log.read_text(errors="replace")


def _placed(workspace: Workspace, nodes: tuple[Spring, ...], settings: dict[str, str]) -> tuple[Spring, ...]:
    """With their ports, and with settings where a node has none of its own."""
    return tuple(
        replace(node, port=workspace.port(9000 + number), settings={**settings, **node.settings})
        for number, node in enumerate(nodes, start=1)
    )


def _cluster(
    workspace: Workspace,
    nodes: tuple[Spring, ...],
    mode: str,
    stores: list[dict[str, Any]],
    balancer: Balancer | None = None,
) -> Cluster:
    """A balancer in front of running nodes."""
    started = start_balancer(workspace, balancer or HAProxy(), nodes)
    site = f"http://127.0.0.1:{started.port}/"
    kept = {"store": stores[0]["name"]} if stores else {}
    description: dict[str, Any] = {
        "site": {"url": site, "mode": mode, "idle_timeout": "30m", "flow": FLOW},
        "load_balancers": [described(started)],
        "nodes": [{"name": node.name, "url": node.url, **kept} for node in nodes],
        **({"stores": stores} if stores else {}),
    }
    return Cluster(
        site=site,
        nodes={node.name: node.url for node in nodes},
        balancer=started,
        topology=write_topology(workspace.directory, description),
        secrets=frozenset(),
    )


def _every(**settings: str) -> tuple[Spring, ...]:
    """Two with these settings; an underscore stands for a dot."""
    return tuple(replace(node, settings=_dotted(settings)) for node in TWO)


def _last(**settings: str) -> tuple[Spring, ...]:
    """Two of which app2 has these settings."""
    return (TWO[0], replace(TWO[1], settings=_dotted(settings)))


def _dotted(settings: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "."): value for name, value in settings.items()}


def rows_live_at_most(seconds: int) -> Proof:
    """A fresh session's row says that it ends so long after its last use."""

    def proof(cluster: Cluster) -> frozenset[str]:
        (store,) = yaml.safe_load(cluster.topology.read_text())["stores"]
        with Shopper(cluster) as user:
            user.adds()
            with psycopg.connect(store["url"].replace("${LAB_PASSWORD}", cluster.env["LAB_PASSWORD"])) as connection:
                rows = connection.execute("SELECT max(max_inactive_interval) FROM spring_session")
                ((longest,),) = rows
            assert longest is not None, "there is no row"
            assert longest <= seconds, f"it ends {longest} s after its last use"
            return user.traces()

    return proof


SCENARIOS = (
    Scenario(
        name="spring-redis-healthy",
        build=SpringOnRedis(),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="spring-redis-healthy-indexed",
        build=SpringOnRedis(tuple(replace(node, settings=INDEXED) for node in TWO)),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="spring-redis-healthy-json",
        build=SpringOnRedis(tuple(replace(node, serializer="json") for node in TWO)),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="spring-redis-key-prefix-mismatch",
        build=SpringOnRedis(_last(spring_session_redis_namespace="shop:session")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="key-prefix-mismatch",
        where=("app2",),
    ),
    Scenario(
        name="spring-redis-store-endpoint-divergence",
        build=SpringOnRedis(_last(spring_data_redis_database="1")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="store-endpoint-divergence",
        where=("app2",),
    ),
    Scenario(
        name="spring-redis-class-version-mismatch",
        build=SpringOnRedis((TWO[0], replace(TWO[1], cart_version=2))),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="class-version-mismatch",
        where=("app1", "app2"),  # of two, neither is the odd one out
    ),
    Scenario(
        name="spring-redis-serializer-format-mismatch",
        build=SpringOnRedis((TWO[0], replace(TWO[1], serializer="json"))),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="serializer-format-mismatch",
        where=("app1", "app2"),  # of two, neither is the odd one out
    ),
    Scenario(
        name="spring-redis-ttl-shorter-than-idle",
        build=SpringOnRedis(_every(spring_session_timeout="2m")),
        proofs=(proofs.state_survives, proofs.keys_live_at_most(120, "spring:session:sessions:*")),
        cause="ttl-shorter-than-idle",
    ),
    Scenario(
        name="spring-redis-ttl-shorter-than-idle-indexed",
        build=SpringOnRedis(
            tuple(replace(node, settings={**INDEXED, "spring.session.timeout": "2m"}) for node in TWO),
        ),
        proofs=(proofs.state_survives, proofs.keys_live_at_most(120, "spring:session:sessions:expires:*")),
        cause="ttl-shorter-than-idle",
    ),
    Scenario(
        name="spring-jdbc-healthy",
        build=SpringOnSql(),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="spring-jdbc-store-endpoint-divergence",
        build=SpringOnSql(databases=("shop", "shop2")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="store-endpoint-divergence",
        where=("app2",),
    ),
    Scenario(
        name="spring-jdbc-class-version-mismatch",
        build=SpringOnSql((SQL[0], replace(SQL[1], cart_version=2))),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="class-version-mismatch",
        where=("app1", "app2"),  # of two, neither is the odd one out
    ),
    Scenario(
        name="spring-jdbc-ttl-shorter-than-idle",
        build=SpringOnSql(tuple(replace(node, settings={"spring.session.timeout": "2m"}) for node in SQL)),
        proofs=(proofs.state_survives, rows_live_at_most(120)),
        cause="ttl-shorter-than-idle",
    ),
    Scenario(
        name="spring-servlet-healthy-affinity",
        build=SpringAlone(HAProxy(affinity="insert")),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="spring-servlet-lb-no-affinity",
        build=SpringAlone(HAProxy()),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="lb-no-affinity",
    ),
    Scenario(
        name="spring-hazelcast-healthy",
        build=SpringOnGrid(),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="spring-hazelcast-cluster-membership-broken",
        build=SpringOnGrid(met=False),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="cluster-membership-broken",
        where=("grid",),
    ),
    Scenario(
        # Whoever adds a node gets a faster cluster, and whoever takes one away loses its share of all sessions.
        name="spring-hazelcast-advice-no-backup-copy",
        build=SpringOnGrid(nodes=tuple(replace(node, backups=0) for node in GRID)),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
        advice="no-backup-copy",
        heavy=True,
    ),
)
