"""One scenario by chance, and its cluster."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, fields, replace
from random import Random
from typing import TYPE_CHECKING, Any

from tests.lab import proofs
from tests.lab.access import LEVELS, Access
from tests.lab.cluster import FLOW, Balancer, Cluster, write_topology
from tests.lab.draws.edges import ALL_FAULTS
from tests.lab.draws.parts import (
    DECOYS,
    HOST,
    IN_REDIS,
    KEEPING_BALANCERS,
    LOCAL,
    PLAIN_BALANCERS,
    STACKS,
    Fault,
    Node,
    Place,
)
from tests.lab.edge import described, start_balancer
from tests.lab.errors import LabError
from tests.lab.scenario import Scenario
from tests.lab.servers.apache import Apache
from tests.lab.servers.express import Express
from tests.lab.servers.front import Front
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.redis import Redis, client
from tests.lab.servers.tomcat import Tomcat
from tests.lab.shapes import SHAPES
from tests.lab.tls import certificate
from tests.lab.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.lab.proofs import Proof
    from tests.lab.tls import Certificate

HEALTHY_SHARE = 0.3
MOST_NODES = 6
MOST_TOMCATS = 3
LOOPBACK = "127.0.0.1"
"""What the laboratory's certificate is for."""


@dataclass(frozen=True, slots=True)
class Draw:
    """What chance has composed.

    Attributes:
        fault: None where nothing is wrong.
        faulty: the numbers of the nodes that have it.
    """

    seed: int
    stack: str
    balancer: Balancer
    nodes: int
    fault: Fault | None
    place: Place
    faulty: frozenset[int]
    mode: str
    shape: str
    access: Access
    decoys: frozenset[str] = field(default_factory=frozenset)

    @property
    def causes(self) -> tuple[str, ...]:
        """Any of these is right; none where nothing is wrong."""
        return self.fault.causes if self.fault else ()

    @property
    def words(self) -> str:
        """The draw in one line."""
        edge = type(self.balancer).__name__.lower()
        fault = f"{self.fault.name} at {self.place}" if self.fault else "healthy"
        decoys = f" with {', '.join(sorted(self.decoys))}" if self.decoys else ""
        return f"{self.seed}: {fault}, {self.nodes} x {self.stack} behind {edge}, {self.shape}, {self.access}{decoys}"

    @property
    def scenario(self) -> Scenario:
        """What starts and proves it."""
        return Scenario(f"draw-{self.seed}", self.build, self._proofs(), self.causes[0] if self.causes else None)

    def build(self, workspace: Workspace) -> Cluster:
        """Start it."""
        return Building(self, workspace).cluster()

    def _proofs(self) -> tuple[Proof, ...]:
        alone = (proofs.nodes_keep_their_own,)
        if self.fault is None:
            return (proofs.state_survives, *alone)
        if self.fault.waits:
            return (proofs.state_is_lost_at_times, *alone)
        if self.fault.after_s:
            return (proofs.state_is_lost_after(self.fault.after_s),)
        lost = proofs.form_is_rejected if self.fault.form else proofs.state_is_lost
        if self.fault.in_workers:
            lost = proofs.state_is_lost_in_a_crowd
        return (lost, *alone) if self.fault.alone else (lost,)


def drawn(seed: int) -> Draw:
    """The scenario of a seed: always the same one."""
    chance = Random(seed)
    fault = None if chance.random() < HEALTHY_SHARE else chance.choice(ALL_FAULTS)
    stack = chance.choice(sorted(fault.stacks if fault else STACKS))
    most = MOST_TOMCATS if stack == "tomcat-memory" else MOST_NODES
    nodes = chance.randint(fault.least if fault else 1, most)
    decoys = frozenset(chance.sample(DECOYS, k=chance.choice((0, 0, 1, 2)))) & _possible(stack, fault)
    place: Place = chance.choice(fault.places) if fault else "all"
    # Fixed choices in a fixed order: what one draw is does not depend on what another one is.
    return Draw(
        seed=seed,
        stack=stack,
        balancer=chance.choice(_balancers(stack, fault, decoys)),
        nodes=nodes,
        fault=fault,
        place=place,
        faulty=frozenset(chance.sample(range(nodes), k=_how_many(chance, place, nodes))),
        mode=chance.choice(("auto", _mode(stack, fault))),
        shape=chance.choice(sorted(SHAPES)),
        access=chance.choice(LEVELS),
        decoys=decoys,
    )


def _how_many(chance: Random, place: Place, nodes: int) -> int:
    """How many nodes are faulty; of two, some is one."""
    return {"one": 1, "some": max(1, chance.randint(1, max(1, nodes - 1))), "all": nodes}[place]


def _possible(stack: str, fault: Fault | None) -> frozenset[str]:
    """The decoys that are none of the fault's own: clients that are kept lose nothing between nodes."""
    kept = {"kept-by-balancer"} if fault is None or not fault.alone else set()
    lived = {"long-lived-cookie"} if stack == "express-redis" else set()
    redis = {"foreign-keys"} if stack in IN_REDIS else {"unused-store"}
    return frozenset(kept | lived | redis)


def _balancers(stack: str, fault: Fault | None, decoys: frozenset[str]) -> tuple[Balancer, ...]:
    """Those that fit: local sessions are healthy only where clients are kept."""
    keeps = "kept-by-balancer" in decoys or (fault is None and stack in LOCAL)
    if fault is not None and fault.edges:
        return fault.balancers(stack)
    if fault is not None and stack in LOCAL and fault.name != "unshared":
        keeps = True
    return KEEPING_BALANCERS if keeps else PLAIN_BALANCERS


def _mode(stack: str, fault: Fault | None) -> str:
    """What the owner of such a site would say of it."""
    del fault
    if stack in LOCAL:
        return "sticky"
    return "external" if stack in IN_REDIS else "client-side"


@dataclass(frozen=True, slots=True)
class Building:
    """The cluster of a draw."""

    draw: Draw
    workspace: Workspace

    def cluster(self) -> Cluster:
        """Start everything."""
        redis = Redis("redis", port=self.workspace.port(6379), password=secrets.token_hex(16))
        planted = {"password": redis.password, "secret": secrets.token_hex(16), "other_secret": secrets.token_hex(16)}
        self.workspace.start(redis)
        if "foreign-keys" in self.draw.decoys:
            with client(redis) as store:
                store.mset({f"cache:page:{number}": "x" * 200 for number in range(300)})
        nodes = [self._node(number, {**planted, "redis": str(redis.port)}) for number in range(self.draw.nodes)]
        self.workspace.start(*nodes)
        issued = self._certificate()
        balancer = start_balancer(self.workspace, self._keyed(nodes, issued), nodes)
        front = self._front(balancer)
        site = f"https://{LOOPBACK}:{balancer.port}/" if issued else f"http://{HOST}:{front.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(self.workspace.directory, self._description(site, nodes, balancer, redis)),
            ca=issued.ca if issued else None,
            secrets=frozenset(planted.values()),
            env={"LAB_REDIS_PASSWORD": redis.password},
            stores={"redis": redis},
        )

    def _node(self, number: int, known: Mapping[str, str]) -> Node:
        draw, name = self.draw, f"app{number + 1}"
        changes: dict[str, Any] = dict(draw.fault.changed(draw.stack)) if draw.fault and number in draw.faulty else {}
        node = replace(STACKS[draw.stack], name=name, port=self.workspace.port(8000 + number), **changes)
        if isinstance(node, Tomcat):
            node = replace(node, route=name)
        if isinstance(node, Express) and "long-lived-cookie" in draw.decoys:
            node = replace(node, max_age=86_400)
        texts = {part.name: getattr(node, part.name) for part in fields(node)}
        own = {**known, "own": secrets.token_hex(16)}
        filled: dict[str, Any] = {
            part: text.format(**own) for part, text in texts.items() if isinstance(text, str) and "{" in text
        }
        return replace(node, **filled)

    def _keyed(self, nodes: list[Node], issued: Certificate | None) -> Balancer:
        match self.draw.balancer:
            case Apache() as apache:
                return replace(apache, routes={node.name: node.name for node in nodes})
            case HAProxy() as haproxy if issued:
                return replace(haproxy, certificate=issued.server)
            case balancer:
                return balancer

    def _certificate(self) -> Certificate | None:
        if not (self.draw.fault and self.draw.fault.tls):
            return None
        home = self.workspace.directory / "tls"
        home.mkdir()
        return certificate(home)

    def _front(self, balancer: Balancer) -> Balancer:
        """What clients come to: the balancer, or a proxy before it."""
        if not (self.draw.fault and self.draw.fault.front):
            return balancer
        servers = ((balancer.name, balancer.port),)
        front = Front(self.draw.fault.front, name="cdn", port=self.workspace.port(80), servers=servers)
        self.workspace.start(front)
        return front

    def _balancers(self, balancer: Balancer) -> list[dict[str, Any]]:
        if self.draw.fault and self.draw.fault.front:
            return [{"name": "cdn", "kind": "nginx"}, described(balancer) | {"behind": "cdn"}]
        return [described(balancer)]

    def _description(self, site: str, nodes: list[Node], balancer: Balancer, redis: Redis) -> dict[str, Any]:
        draw = self.draw
        url = redis.url("${LAB_REDIS_PASSWORD}")
        uses = {"store": "sessions"} if draw.stack in IN_REDIS else {}
        named = "sessions" if uses else "cache"
        declared = uses or "unused-store" in draw.decoys
        tls = draw.fault is not None and draw.fault.tls
        headers = {"X-Forwarded-Proto": "https"} if tls else {"Host": HOST}
        return {
            "site": {
                "url": site,
                **({"ca": "tls/ca.crt"} if tls else {}),
                "resolve": {HOST: ["127.0.0.1"]},
                "mode": draw.mode,
                "idle_timeout": "30m",
                "flow": dict(draw.fault.flow if draw.fault else FLOW),
            },
            "load_balancers": self._balancers(balancer),
            "nodes": [{"name": node.name, "url": node.url, "headers": headers, **uses} for node in nodes],
            "stores": [{"name": named, "kind": "redis", "url": url}] if declared else [],
        }


def seeds(text: str) -> range:
    """`1000-1200` as numbers, both ends included; `7` is itself. Raises `LabError`."""
    first, dash, last = text.partition("-")
    last = last if dash else first
    if not (first.isdigit() and last.isdigit()):
        raise LabError(f"{text!r} is no range of seeds, such as 1000-1200")
    return range(int(first), int(last) + 1)
