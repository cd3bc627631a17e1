"""A product of others on two nodes behind HAProxy: with its defaults, or with one of its cures."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import httpx

from tests.lab.cluster import Cluster, write_topology
from tests.lab.process import Command
from tests.lab.products.visitor import answers
from tests.lab.servers.haproxy import SOCKET, HAProxy
from tests.lab.servers.mariadb import MariaDb
from tests.lab.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

Variant = Literal["default", "sticky", "shared"]
"""`default`: the product's own settings, round robin; `sticky`: the same behind HAProxy's cookie; `shared`: round
robin, and what the product's documentation says that all nodes must share."""

VARIANTS: tuple[Variant, ...] = get_args(Variant)
NODES = ("app1", "app2")
VISITORS = 3
LOOKS = 4

UNSHARED = frozenset({"lb-no-affinity", "node-local-store"})
"""Sessions in the nodes and nothing that keeps a client: two truths of one fact."""
KEYS = frozenset({"signing-secret-mismatch", "secret-regenerated-at-boot"})
"""A secret that each node has made for itself."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node of a product stands, and what it may use.

    Attributes:
        home: the node's own folder, which does not exist yet.
        common: a folder for what all nodes share.
        secret: one that all nodes know; `own_secret` only this node.
        shared: whether the node is to share what the product needs to share.
        database: MariaDB, where the product needs one.
    """

    name: str
    port: int
    home: Path
    common: Path
    secret: str
    own_secret: str
    shared: bool
    database: MariaDb | None = None

    @property
    def key(self) -> str:
        """The secret that the node is told."""
        return self.secret if self.shared else self.own_secret

    @property
    def folder(self) -> Path:
        """Where the node keeps sessions: with the others, or in a folder of its own."""
        folder = self.common / ("sessions" if self.shared else f"sessions-{self.name}")
        folder.mkdir(parents=True, exist_ok=True)
        return folder


@dataclass(frozen=True, slots=True)
class Node:
    """One process of a product; `files` are written into its folder."""

    name: str
    port: int
    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    health: str = "/"
    patience: float = 60.0

    def prepare(self, home: Path) -> Command:
        """Write its files."""
        for name, text in self.files.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text)
        return Command(self.argv, self.env, patience=self.patience)

    def ready(self) -> bool:
        """Whether it answers anything but an error of its own."""
        return answers(self.port, self.health)


Visit = Callable[[httpx.Client, int], list[bool]]
"""Signs in as a naive browser, and looks that often whether it still is; what it saw each time."""


@dataclass(frozen=True, slots=True)
class Use:
    """How a product is used: by the naive browser, and by `site.flow` as a user would write it."""

    visit: Visit
    flow: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Product:
    """One product.

    Attributes:
        node: how to run a node; what is expensive to make is kept by `cache`.
        use: how it is used, by somebody who knows the product and not this tool.
        right: causes of which any is right for the defaults.
        setup: runs once, before the nodes start.
        cured_by: the variants that end the trouble.
        needs_database: whether it is given a MariaDB.
        files: what "everything" tells of each node: configuration files, by their names in its folder.
        stores: what "everything" tells of stores.
        site: more of the topology's `site`, of every access.
        thorough: whether it is too heavy for every run.
        faulty: whether the defaults lose sessions; else they, too, are healthy.
        entrance: where people come in: what is scanned where no flow is declared.
        looks_like: the product's page that it must be recognised as; empty if there is none.
        wait: anything else to wait for when the nodes answer.
    """

    name: str
    node: Callable[[Place], Node]
    use: Callable[[Place], Use]
    right: frozenset[str]
    setup: Callable[[Place], None] | None = None
    cured_by: tuple[Variant, ...] = ("sticky", "shared")
    needs_database: bool = False
    files: tuple[str, ...] = ()
    stores: Callable[[Place], list[dict[str, Any]]] | None = None
    site: Mapping[str, Any] = field(default_factory=dict)
    thorough: bool = True
    faulty: bool = True
    entrance: str = "/"
    looks_like: str = ""

    @contextmanager
    def running(self, variant: Variant) -> Iterator[Running]:
        """The cluster, until the end of the block."""
        with Workspace() as workspace:
            yield self._started(workspace, variant)

    def is_healthy(self, variant: Variant) -> bool:
        """Whether nothing is to be found."""
        return variant != "default" or not self.faulty

    def _started(self, workspace: Workspace, variant: Variant) -> Running:
        common = workspace.directory / "common"
        common.mkdir()
        common.chmod(0o777)
        secret = secrets.token_hex(32)
        database = MariaDb("mariadb", port=workspace.port(3306), password=secrets.token_hex(16))
        if self.needs_database:
            workspace.start(database)
        places = [
            Place(
                name=name,
                port=workspace.port(8000 + number),
                home=workspace.directory / name,
                common=common,
                secret=secret,
                own_secret=secrets.token_hex(32),
                shared=variant == "shared",
                database=database if self.needs_database else None,
            )
            for number, name in enumerate(NODES, start=1)
        ]
        if self.setup:
            self.setup(places[0])
        nodes = [self.node(place) for place in places]
        # One after the other: the first may make what the others share.
        for node in nodes:
            workspace.start(node)
        balancer = HAProxy(
            port=workspace.port(8080),
            stats_port=workspace.port(8404),
            servers=tuple((node.name, node.port) for node in nodes),
            affinity="insert" if variant == "sticky" else "none",
            health="",
        )
        workspace.start(balancer)
        site = f"http://127.0.0.1:{balancer.port}/"
        visit = self.use(places[0]).visit
        cluster = Cluster(
            site=site,
            nodes={node.name: f"http://127.0.0.1:{node.port}/" for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, self._described(workspace, site, places)),
            secrets=frozenset({secret, *(place.own_secret for place in places)}),
            env={"LAB_DATABASE_PASSWORD": database.password},
        )
        return Running(self.name, variant, cluster, visit, is_healthy=self.is_healthy(variant))

    def _described(self, workspace: Workspace, site: str, places: list[Place]) -> dict[str, Any]:
        socket = f"unix:{workspace.directory / 'edge' / SOCKET}"
        return {
            "site": {"url": site, "flow": dict(self.use(places[0]).flow), **self.site},
            "load_balancers": [{"name": "edge", "kind": "haproxy", "config": ["edge/haproxy.cfg"], "stats": socket}],
            "nodes": [self._node(place) for place in places],
            "stores": self.stores(places[0]) if self.stores else [],
        }

    def _node(self, place: Place) -> dict[str, Any]:
        config = {"config": [f"{place.name}/{file}" for file in self.files]} if self.files else {}
        log = {"logs": [f"{place.name}/{place.name}.log"]}
        return {"name": place.name, "url": f"http://127.0.0.1:{place.port}/", **config, **log}


@dataclass(frozen=True, slots=True)
class Running:
    """A product that runs: `cluster` has its URLs and its topology file."""

    product: str
    variant: Variant
    cluster: Cluster
    visit: Visit
    is_healthy: bool

    def prove(self) -> None:
        """What a naive browser sees, on each node alone and at the site. Raises `AssertionError`."""
        for name, url in self.cluster.nodes.items():
            seen = self._seen(url)
            assert all(seen), f"{self.product}: {name} alone loses sessions: {seen}"
        seen = [look for _ in range(VISITORS) for look in self._seen(self.cluster.site)]
        if self.is_healthy:
            assert all(seen), f"{self.product} {self.variant}: sessions are lost: {seen}"
        else:
            assert not all(seen), f"{self.product} {self.variant}: no session is lost"

    def _seen(self, url: str) -> list[bool]:
        limits = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(base_url=url, follow_redirects=True, timeout=30, limits=limits, trust_env=False) as client:
            return self.visit(client, LOOKS)


PRODUCT_ACCESS = ("url", "url-nodes", "flow", "nodes", "everything")
"""What a scan is told: the URL alone; and those of the nodes; how the product is used; and the nodes' URLs; and all."""


def told(described: Mapping[str, Any], access: str, entrance: str = "/") -> dict[str, Any]:
    """As much of a topology as that access knows."""
    site = dict(described["site"])
    inside = entrance.lstrip("/")
    match access:
        case "url":
            return {"version": 1, "site": {"url": site["url"] + inside}}
        case "url-nodes":
            nodes = [{"name": node["name"], "url": node["url"] + inside} for node in described["nodes"]]
            return {"version": 1, "site": {"url": site["url"] + inside}, "nodes": nodes}
        case "flow":
            return {"version": 1, "site": site}
        case "nodes":
            nodes = [{key: node[key] for key in ("name", "url")} for node in described["nodes"]]
            return {"version": 1, "site": site, "nodes": nodes}
        case _:
            return dict(described)
