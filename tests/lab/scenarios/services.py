"""Several applications behind one entry: do they share sessions, and are they meant to?"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.lab import proofs
from tests.lab.cluster import FLOW, Cluster, write_topology
from tests.lab.scenario import Scenario
from tests.lab.servers.express import Express
from tests.lab.servers.flask import Flask
from tests.lab.servers.front import Front
from tests.lab.servers.redis import Redis
from tests.lab.wanderer import Way, is_kept_by, is_lost_by

if TYPE_CHECKING:
    from tests.lab.workspace import Workspace

Service = Express | Flask

HOST = "www.shop.test"
"""A name that only the topology file resolves."""

SESSIONS = "redis://:{password}@127.0.0.1:{redis}/0"
SHOP = Express("shop1", secret="{secret}", store_url=SESSIONS)
GATEWAY = """
  server { listen 127.0.0.1:$PORT; $PASS
    location / { proxy_pass http://$shop1; }
    location /members/ { proxy_pass http://$members1/; } }
"""
MEMBERS = "http://www.shop.test:{port}/members/"


@dataclass(frozen=True, slots=True)
class ServiceShop:
    """A gateway with the shop at / and the members' application at /members/.

    Attributes:
        services: each node's service, as the topology file says it.
    """

    members: Service
    services: Mapping[str, str] = field(default_factory=lambda: {"shop1": "shop", "members1": "members"})

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        planted = {name: secrets.token_hex(16) for name in ("password", "secret", "other_secret")}
        redis = Redis("redis", port=workspace.port(6379), password=planted["password"])
        workspace.start(redis)
        known = {**planted, "redis": str(redis.port)}
        nodes = tuple(
            _placed(node, workspace.port(3000 + number), known)
            for number, node in enumerate((SHOP, self.members), start=1)
        )
        workspace.start(*nodes)
        front = Front(GATEWAY, port=workspace.port(8080), servers=tuple((node.name, node.port) for node in nodes))
        workspace.start(front)
        site = f"http://{HOST}:{front.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=front,
            topology=write_topology(workspace.directory, self._description(site, front, nodes, redis)),
            secrets=frozenset(planted.values()),
            env={"LAB_REDIS_PASSWORD": redis.password},
            stores={"redis": redis},
        )

    def _description(self, site: str, front: Front, nodes: tuple[Service, ...], redis: Redis) -> dict[str, Any]:
        url = f"redis://:${{LAB_REDIS_PASSWORD}}@127.0.0.1:{redis.port}/0"
        return {
            "site": {
                "url": site,
                "urls": [MEMBERS.format(port=front.port)],
                "resolve": {HOST: ["127.0.0.1"]},
                "mode": "external",
                "idle_timeout": "30m",
                "flow": FLOW,
            },
            "load_balancers": [{"name": "edge", "kind": "nginx", "config": ["edge/nginx.conf"]}],
            "nodes": [
                {"name": node.name, "url": node.url, "headers": {"Host": HOST}, "service": self.services[node.name]}
                for node in nodes
            ],
            "stores": [{"name": "sessions", "kind": "redis", "url": url}],
        }


def _placed(node: Service, port: int, known: Mapping[str, str]) -> Service:
    secret = node.secret.format(**known)
    if isinstance(node, Express):
        return replace(node, port=port, secret=secret, store_url=node.store_url.format(**known))
    return replace(node, port=port, secret=secret)


def _split(name: str, members: Service) -> Scenario:
    """Whoever bought something is a new client among the members."""
    return Scenario(
        name=f"services-microservice-session-split{name}",
        build=ServiceShop(members),
        proofs=(proofs.state_survives, is_lost_by(Way(path="/members"))),
        cause="microservice-session-split",
    )


SCENARIOS = (
    Scenario(
        name="services-healthy",
        build=ServiceShop(replace(SHOP, name="members1")),
        proofs=(proofs.state_survives, is_kept_by(Way(path="/members"))),
    ),
    # Another framework, with a cookie of its own name.
    _split("", Flask("members1", secret="{other_secret}")),
    # Two Express applications that differ in the name of the cookie.
    _split("-cookies", replace(SHOP, name="members1", cookie="members.sid")),
    # The same cookie, and sessions in the service's own memory.
    _split("-memory", replace(SHOP, name="members1", store_url="")),
    # The same cookie and store, and its own prefix, which ends what the other one began.
    _split("-prefix", replace(SHOP, name="members1", prefix="members:")),
)
