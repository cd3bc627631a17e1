"""HAProxy or nginx in front of three nodes: Django with sessions in a database, PHP with sessions in files."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import psycopg

from tests.lab import proofs
from tests.lab.cluster import FLOW, Balancer, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.django import Django
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.php import Php
from tests.lab.servers.postgres import Postgres
from tests.lab.shopper import Shopper

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.proofs import Proof
    from tests.lab.workspace import Workspace

HOST = "www.shop.test"

# What `manage.py sqlmigrate sessions 0001` prints.
TABLE = """CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY,
"session_data" text NOT NULL, "expire_date" {date} NOT NULL);
CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date");"""
POSTGRESQL = TABLE.format(date="timestamp with time zone")
SQLITE = TABLE.format(date="datetime")
WITHOUT_KEY = POSTGRESQL.replace(" PRIMARY KEY", "")
UNPURGED = """INSERT INTO django_session SELECT md5(n::text), repeat('x', 200), now() - interval '40 days'
FROM generate_series(1, 20000) n;"""

# Names in braces are filled in when the folder, the port and the passwords of a run are known.
POSTGRES = "postgresql://shop:{password}@127.0.0.1:{postgres}/shop"
OTHER_DATABASE = "postgresql://shop:{password}@127.0.0.1:{postgres}/other"
SHARED_FILE = "sqlite:///{folder}/shop.db"

THREE = tuple(Django(f"app{n}", engine="db", database_url=POSTGRES, secret="{secret}") for n in (1, 2, 3))


def every(**changes: Any) -> tuple[Django, ...]:
    """Three nodes with the same changes."""
    return tuple(replace(node, **changes) for node in THREE)


def last(**changes: Any) -> tuple[Django, ...]:
    """Three nodes of which app3 differs."""
    return (*THREE[:2], replace(THREE[2], **changes))


@dataclass(frozen=True, slots=True)
class DjangoOnSql:
    """The cluster; each field is a place for a fault.

    Attributes:
        declared: the URL of the store in the topology file, with names in braces and a variable.
        sql: what makes the table.
        down: whether PostgreSQL is stopped when everything has started.
        flow: how the topology file says that the site is used.
    """

    balancer: Balancer
    nodes: tuple[Django, ...] = THREE
    declared: str = "postgresql://shop:${{LAB_PASSWORD}}@127.0.0.1:{postgres}/shop"
    sql: str = POSTGRESQL
    down: bool = False
    flow: Mapping[str, Any] = field(default_factory=lambda: FLOW)

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        planted = {name: secrets.token_hex(24) for name in ("password", "secret", "other_secret")}
        postgres = Postgres(
            "postgres", workspace.port(5432), planted["password"], databases=("shop", "other"), sql=self.sql
        )
        known = {**planted, "postgres": str(postgres.port), "folder": str(workspace.directory)}
        self._start_store(workspace, postgres)
        nodes = tuple(
            replace(
                node,
                port=workspace.port(8000 + number),
                secret=node.secret.format(**known),
                database_url=node.database_url.format(**known),
            )
            for number, node in enumerate(self.nodes, start=1)
        )
        workspace.start(*nodes)
        balancer = start_balancer(workspace, self.balancer, nodes)
        if self.down:
            workspace.stop("postgres")
        site = f"http://{HOST}:{balancer.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, self._description(site, nodes, balancer, known)),
            secrets=frozenset(planted.values()),
            env={"LAB_PASSWORD": planted["password"]},
        )

    def _start_store(self, workspace: Workspace, postgres: Postgres) -> None:
        if self.declared.startswith("postgresql"):
            workspace.start(postgres)
            return
        with closing(sqlite3.connect(workspace.directory / "shop.db")) as database, database:
            database.executescript(SQLITE)

    def _description(
        self, site: str, nodes: tuple[Django, ...], balancer: Balancer, known: Mapping[str, str]
    ) -> dict[str, Any]:
        return {
            "site": {
                "url": site,
                "resolve": {HOST: ["127.0.0.1"]},
                "mode": "external",
                "idle_timeout": "30m",
                "flow": dict(self.flow),
            },
            "load_balancers": [described(balancer)],
            "nodes": [
                {"name": node.name, "url": node.url, "headers": {"Host": HOST}, "store": "sessions"} for node in nodes
            ],
            "stores": [{"name": "sessions", "kind": "sql", "url": self.declared.format(**known)}],
        }


@dataclass(frozen=True, slots=True)
class PhpOnFiles:
    """PHP with files. `shared`: one folder for all nodes, else each has its own, declared as a store of its own."""

    balancer: Balancer
    nodes: tuple[Php, ...] = field(default_factory=lambda: tuple(Php(f"app{n}") for n in (1, 2, 3)))
    shared: bool = True
    mode: Literal["external", "sticky"] = "external"

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        nodes = tuple(
            replace(node, port=workspace.port(8000 + number), folder=str(self._folder(workspace, node)))
            for number, node in enumerate(self.nodes, start=1)
        )
        workspace.start(*nodes)
        balancer = start_balancer(workspace, self.balancer, nodes)
        site = f"http://127.0.0.1:{balancer.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, self._description(site, nodes, balancer)),
            secrets=frozenset(),
        )

    def _folder(self, workspace: Workspace, node: Php) -> Path:
        folder = workspace.directory / ("shared" if self.shared else f"files-{node.name}")
        folder.mkdir(exist_ok=True)
        return folder

    def _description(self, site: str, nodes: tuple[Php, ...], balancer: Balancer) -> dict[str, Any]:
        names = dict.fromkeys("shared" if self.shared else f"files-{node.name}" for node in nodes)
        return {
            "site": {"url": site, "mode": self.mode, "idle_timeout": "30m", "flow": FLOW},
            "load_balancers": [described(balancer)],
            "nodes": [
                {"name": node.name, "url": node.url, "store": "shared" if self.shared else f"files-{node.name}"}
                for node in nodes
            ],
            "stores": [{"name": name, "kind": "files", "url": f"file:{name}"} for name in names],
        }


def rows_grow(cluster: Cluster) -> frozenset[str]:
    """A new session is a new row in PostgreSQL's table."""
    url = _postgres(cluster)
    before = _rows(url)
    with Shopper(cluster) as user:
        user.adds()
        assert _rows(url) == before + 1, "no row was added"
        return user.traces()


def rows_are_expired(cluster: Cluster) -> frozenset[str]:
    """Most of PostgreSQL's table is sessions that have ended."""
    with psycopg.connect(_postgres(cluster)) as connection:
        rows = connection.execute("SELECT count(*), count(*) FILTER (WHERE expire_date < now()) FROM django_session")
        ((total, expired),) = rows
    assert expired > 0.9 * total, f"{expired} of {total} have ended"
    return proofs.NOTHING


def folders_have_files(*folders: str) -> Proof:
    """PHP has put a session into each of these folders of the laboratory."""

    def proof(cluster: Cluster) -> frozenset[str]:
        traces = proofs.NOTHING
        for url in cluster.nodes.values():
            with Shopper(cluster, url) as user:
                user.adds()
                traces |= user.traces()
        for folder in folders:
            found = [path for path in (cluster.topology.parent / folder).iterdir() if path.name.startswith("sess_")]
            assert found, f"no session in {folder}"
        return traces

    return proof


def _postgres(cluster: Cluster) -> str:
    """The address that the topology file declares."""
    text = cluster.topology.read_text()
    start = text.index("postgresql://")
    return text[start:].split()[0].replace("${LAB_PASSWORD}", cluster.env["LAB_PASSWORD"])


def _rows(url: str) -> int:
    with psycopg.connect(url) as connection:
        ((count,),) = connection.execute("SELECT count(*) FROM django_session")
        return int(count)


ON_SQLITE = every(database_url=SHARED_FILE)

SCENARIOS = (
    Scenario(
        name="django-sql-healthy",
        build=DjangoOnSql(HAProxy()),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own, rows_grow),
    ),
    Scenario(
        name="django-sqlite-healthy",
        build=DjangoOnSql(Nginx(), nodes=ON_SQLITE, declared="sqlite:///shop.db"),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        # Nobody runs clearsessions: a warning, not a fault.
        name="django-sql-healthy-unpurged",
        build=DjangoOnSql(Nginx(), sql=POSTGRESQL + UNPURGED),
        proofs=(proofs.state_survives, rows_are_expired),
    ),
    Scenario(
        name="django-sql-store-endpoint-divergence",
        build=DjangoOnSql(HAProxy(), nodes=last(database_url=OTHER_DATABASE)),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="store-endpoint-divergence",
        where=("app3",),
    ),
    Scenario(
        # The node deletes nothing: "Session data corrupted" is logged, and the session is empty there.
        name="django-sql-signing-secret-mismatch",
        build=DjangoOnSql(Nginx(), nodes=last(secret="{other_secret}")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="signing-secret-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="django-sql-store-unreachable",
        build=DjangoOnSql(HAProxy(), down=True),
        proofs=(proofs.site_answers(500),),
        cause="store-unreachable",
        where=("sessions",),
    ),
    Scenario(
        name="django-sql-ttl-not-refreshed",
        build=DjangoOnSql(Nginx(), nodes=every(sliding=False)),
        proofs=(proofs.state_survives,),
        cause="ttl-not-refreshed",
        where=("sessions",),
    ),
    Scenario(
        name="php-files-healthy",
        build=PhpOnFiles(Nginx()),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own, folders_have_files("shared")),
    ),
    Scenario(
        name="php-files-node-local-store",
        build=PhpOnFiles(HAProxy(), shared=False),
        proofs=(
            proofs.state_is_lost,
            proofs.nodes_keep_their_own,
            folders_have_files("files-app1", "files-app2", "files-app3"),
        ),
        cause="node-local-store",
    ),
    Scenario(
        name="php-files-serializer-format-mismatch",
        build=PhpOnFiles(Nginx(), nodes=(Php("app1"), Php("app2"), Php("app3", serializer="php_serialize"))),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="serializer-format-mismatch",
    ),
)
