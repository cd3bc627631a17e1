"""Faults that one observation tells from their look-alikes: workers, late writes, names, addresses."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.lab import proofs
from tests.lab.cluster import FLOW, MEMBERS, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.scenarios.balancers import NODES, MemoryShop
from tests.lab.scenarios.doors import DoorShop
from tests.lab.scenarios.express import ExpressShop, every
from tests.lab.servers.django import Django
from tests.lab.servers.express import Express
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.redis import Redis
from tests.lab.servers.spread import Spread
from tests.lab.shopper import TOKEN_HEADER, Shopper

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.lab.workspace import Workspace

LATER_S = 1.0
MANY = 24
TOO_LARGE = 400


@dataclass(frozen=True, slots=True)
class SpreadShop(ExpressShop):
    """The shop whose store's address leads to two servers in turn."""

    def _start_stores(self, workspace: Workspace, password: str) -> dict[str, Redis]:
        servers = [
            Redis(name, port=workspace.port(6379 + n), password=password) for n, name in enumerate(("one", "two"))
        ]
        spread = Spread(tuple(server.port for server in servers), port=workspace.port(6390))
        workspace.start(*servers)
        workspace.start(spread)
        return {"redis": replace(servers[0], port=spread.port)}


def _workers(workspace: Workspace) -> Cluster:
    """One node of four processes, each with sessions in its own memory."""
    secret = secrets.token_hex(24)
    node = Django("app1", port=workspace.port(8001), secret=secret, workers=4)
    workspace.start(node)
    balancer = start_balancer(workspace, HAProxy(), (node,))
    site = f"http://127.0.0.1:{balancer.port}/"
    description: Mapping[str, Any] = {
        "site": {"url": site, "mode": "external", "idle_timeout": "30m", "flow": FLOW},
        "load_balancers": [described(balancer)],
        "nodes": [{"name": node.name, "url": node.url, "config": [f"{node.name}/.env"]}],
    }
    topology = write_topology(workspace.directory, description)
    return Cluster(site, {node.name: node.url}, balancer, topology, frozenset({secret}))


def lost_at_once_and_there_later(cluster: Cluster) -> frozenset[str]:
    """A cart is empty right after the item was added, and has it a moment later."""
    with Shopper(cluster) as user:
        item = user.adds()
        assert not user.sees(item), "it is there at once: the fault does not show"
        time.sleep(LATER_S)
        assert user.sees(item), f"it is not there after {LATER_S} s"
        return user.traces()


def turned_away_at_last(cluster: Cluster) -> frozenset[str]:
    """Whoever goes on using the site is answered 400 in the end, though nothing is wrong with any single page."""
    with Shopper(cluster) as user:
        item = user.adds()
        assert user.sees(item), "not even the first page shows it"
        assert not all(user.sees(item) for _ in range(MANY)), f"the cart is there after {MANY} visits"
        assert user.last_status == TOO_LARGE, f"it answers {user.last_status}"
        return user.traces()


def is_welcome(cluster: Cluster) -> frozenset[str]:
    """However often somebody comes."""
    with Shopper(cluster) as user:
        item = user.adds()
        assert all(user.sees(item) for _ in range(MANY)), f"it answers {user.last_status}"
        return user.traces()


def _leaving(cookie: str) -> DoorShop:
    """A login proxy that leaves a cookie behind with each answer, before a server that takes lines of 512 bytes."""
    return DoorShop(LEAVING.replace("COOKIE", cookie))


LEAVING = """
  client_header_buffer_size 256; large_client_header_buffers 8 512;
  server { listen 127.0.0.1:$PORT; $PASS add_header Set-Cookie "COOKIE; Path=/; HttpOnly" always;
    location / { proxy_pass http://$app1; } }
"""
SIGNED_IN = {**MEMBERS, **FLOW}
IN_HEADER = tuple(Express(name, token_header=TOKEN_HEADER) for name in NODES)

SCENARIOS = (
    Scenario(
        name="further-cookies-pile-up",
        build=_leaving("nonce.$request_id=$request_id"),
        proofs=(turned_away_at_last, proofs.nodes_keep_their_own),
        cause="cookies-pile-up",
    ),
    Scenario(
        name="further-healthy-nonce",
        build=_leaving("nonce=$request_id"),
        proofs=(is_welcome, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="further-header-session-without-affinity",
        build=MemoryShop(HAProxy(), IN_HEADER),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="header-session-without-affinity",
    ),
    Scenario(
        name="further-healthy-header-session",
        build=ExpressShop(nodes=every(token_header=TOKEN_HEADER)),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        # A login gives a new session id, and the hash of that leads to another node.
        name="further-affinity-key-changes",
        build=MemoryShop(HAProxy(affinity="cookie-hash"), flow=SIGNED_IN),
        proofs=(proofs.login_is_lost,),
        cause="affinity-key-changes",
        where=("edge",),
    ),
    Scenario(
        # The balancer's own cookie does not change when the session's does.
        name="further-healthy-affinity-key",
        build=MemoryShop(HAProxy(affinity="insert"), flow=SIGNED_IN),
        proofs=(proofs.login_survives, proofs.state_survives),
    ),
    Scenario(
        name="further-workers-share-nothing",
        build=_workers,
        proofs=(proofs.state_is_lost_in_a_crowd,),
        cause="workers-share-nothing",
        where=("app1",),
    ),
    Scenario(
        name="further-response-before-session-saved",
        build=ExpressShop(nodes=every(late_ms=300)),
        proofs=(lost_at_once_and_there_later,),
        cause="response-before-session-saved",
    ),
    Scenario(
        name="further-affinity-cookie-name-collision",
        build=MemoryShop(HAProxy(affinity="insert", cookie="connect.sid")),
        proofs=(proofs.state_is_lost,),
        cause="affinity-cookie-name-collision",
        where=("edge",),
    ),
    Scenario(
        name="further-several-servers-behind-one-url",
        build=SpreadShop(),
        proofs=(proofs.state_is_lost,),
        cause="several-servers-behind-one-url",
        where=("sessions",),
    ),
)
