"""Express nodes behind two balancers, one in front of the other, or one that hands out a new cookie each time."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.lab import proofs
from tests.lab.cluster import FLOW, Balancer, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.express import Express
from tests.lab.servers.front import Front
from tests.lab.servers.haproxy import SOCKET, HAProxy
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.redis import Redis

if TYPE_CHECKING:
    from tests.lab.workspace import Workspace

HOST = "www.shop.test"
"""A name that only the topology file resolves."""

MEMORY = ""
SESSIONS = "redis://:{password}@127.0.0.1:{redis}/0"
TWO = tuple(Express(f"app{n}") for n in (1, 2))

# How a CDN comes to the origin: from any of its addresses.
MANY_EXITS = """
  split_clients $request_id $exit { 25% 127.0.1.1; 25% 127.0.1.2; 25% 127.0.2.3; * 127.0.2.4; }
  server { listen 127.0.0.1:$PORT; $PASS location / { proxy_bind $exit; proxy_pass http://$edge; } }
"""
ONE_EXIT = """
  server { listen 127.0.0.1:$PORT; $PASS location / { proxy_bind 127.0.1.1; proxy_pass http://$edge; } }
"""
REAL_ADDRESS = ("set_real_ip_from 127.0.0.0/8;", "real_ip_header X-Forwarded-For;")


@dataclass(frozen=True, slots=True)
class ChainShop:
    """A proxy, such as a CDN's, in front of a balancer in front of two nodes.

    Attributes:
        text: of the proxy; `$edge` is the balancer.
        store: where the nodes keep sessions; the topology declares it if it is Redis.
    """

    text: str
    balancer: Balancer
    nodes: tuple[Express, ...] = TWO
    store: str = MEMORY

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        secret = secrets.token_hex(16)
        redis = Redis("redis", port=workspace.port(6379), password=secrets.token_hex(16))
        workspace.start(redis)
        store = self.store.format(redis=redis.port, password=redis.password)
        nodes = tuple(
            replace(node, port=workspace.port(3000 + number), secret=secret, store_url=store)
            for number, node in enumerate(self.nodes, start=1)
        )
        workspace.start(*nodes)
        balancer = start_balancer(workspace, self.balancer, nodes)
        front = Front(self.text, name="cdn", port=workspace.port(80), servers=((balancer.name, balancer.port),))
        workspace.start(front)
        site = f"http://{HOST}:{front.port}/"
        # Unlike its page, HAProxy's socket says how it chooses.
        socket = {"stats": f"unix:{workspace.directory / 'edge' / SOCKET}"} if isinstance(balancer, HAProxy) else {}
        balancers = [{"name": "cdn", "kind": "nginx"}, described(balancer) | socket | {"behind": "cdn"}]
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, self._description(site, balancers, nodes, redis)),
            secrets=frozenset({secret, redis.password}),
            env={"LAB_REDIS_PASSWORD": redis.password},
            stores={"redis": redis},
        )

    def _description(
        self, site: str, balancers: list[dict[str, Any]], nodes: tuple[Express, ...], redis: Redis
    ) -> dict[str, Any]:
        url = f"redis://:${{LAB_REDIS_PASSWORD}}@127.0.0.1:{redis.port}/0"
        kept = {"mode": "external" if self.store else "sticky", "idle_timeout": "30m", "flow": FLOW}
        return {
            "site": {"url": site, "resolve": {HOST: ["127.0.0.1"]}, **kept},
            "load_balancers": balancers,
            "nodes": [{"name": node.name, "url": node.url, "headers": {"Host": HOST}} for node in nodes],
            "stores": [{"name": "sessions", "kind": "redis", "url": url}] if self.store else [],
        }


# As an AWS Application Load Balancer does: each answer sets the cookie anew, with another value for the same target.
ROTATING = """
  upstream any { server $app1; server $app2; }
  upstream one { server $app1; }
  upstream two { server $app2; }
  map $cookie_AWSALB $target { default any; "~^1" one; "~^2" two; }
  map $upstream_addr $name { default 0; $app1 1; $app2 2; }
  server { listen 127.0.0.1:$PORT; $PASS
    add_header Set-Cookie "AWSALB=$name$request_id$request_id; Max-Age=%s; Path=/" always;
    add_header Set-Cookie "AWSALBCORS=$name$request_id$request_id; Max-Age=%s; Path=/; SameSite=None; Secure" always;
    location / { proxy_pass http://%s; } }
"""
WEEK_S = 604_800


def rotating(target: str = "$target", max_age_s: int = WEEK_S) -> str:
    """The text of a balancer whose cookie is another one with each answer."""
    return ROTATING % (max_age_s, max_age_s, target)


@dataclass(frozen=True, slots=True)
class RotatingShop:
    """Nodes with sessions in memory behind that balancer.

    Attributes:
        balancers: what the topology file says of it.
    """

    text: str
    balancers: tuple[dict[str, Any], ...] = field(default_factory=lambda: ({"name": "edge", "kind": "aws-alb"},))

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        secret = secrets.token_hex(16)
        nodes = tuple(
            replace(node, port=workspace.port(3000 + number), secret=secret) for number, node in enumerate(TWO, start=1)
        )
        workspace.start(*nodes)
        servers = tuple((node.name, node.port) for node in nodes)
        front = Front(self.text, port=workspace.port(80), second_port=workspace.port(81), servers=servers)
        workspace.start(front)
        site = f"http://{HOST}:{front.port}/"
        description = {
            "site": {
                "url": site, "resolve": {HOST: ["127.0.0.1"]}, "mode": "sticky", "idle_timeout": "30m", "flow": FLOW,
            },
            "load_balancers": list(self.balancers),
            "nodes": [{"name": node.name, "url": node.url, "headers": {"Host": HOST}} for node in nodes],
        }  # fmt: skip
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=front,
            topology=write_topology(workspace.directory, description),
            secrets=frozenset({secret}),
        )


LOST_BETWEEN = (proofs.state_is_lost, proofs.nodes_keep_their_own)

SCENARIOS = (
    Scenario(
        name="chains-ip-affinity-behind-proxy",
        build=ChainShop(MANY_EXITS, HAProxy(affinity="source")),
        proofs=LOST_BETWEEN,
        cause="ip-affinity-behind-proxy",
        where=("edge",),
    ),
    Scenario(
        # Everybody comes from the proxy's one address and meets one node: nobody loses anything.
        name="chains-healthy-one-exit",
        build=ChainShop(ONE_EXIT, HAProxy(affinity="source")),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="chains-healthy-cookie",
        build=ChainShop(MANY_EXITS, HAProxy(affinity="insert")),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        # nginx takes the client's address from what the proxy says of it.
        name="chains-healthy-real-address",
        build=ChainShop(MANY_EXITS, Nginx(method="ip_hash", http_extra=REAL_ADDRESS)),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        # Against stolen sessions; behind proxies the address is never the user's, and here not even the same.
        name="chains-session-bound-to-address",
        build=ChainShop(
            MANY_EXITS,
            Nginx(extra=("proxy_set_header X-Forwarded-For $remote_addr;",)),
            tuple(replace(node, bound=True) for node in TWO),
            store=SESSIONS,
        ),
        proofs=LOST_BETWEEN,
        cause="session-bound-to-address",
    ),
    Scenario(
        name="chains-healthy-rotating-cookie",
        build=RotatingShop(rotating()),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        # The target of the cookie is an ingress, which sends each request to another node.
        name="chains-multi-layer-affinity-rotating",
        build=RotatingShop(
            rotating("any"),
            balancers=({"name": "edge", "kind": "aws-alb"}, {"name": "ingress", "kind": "nginx", "behind": "edge"}),
        ),
        proofs=LOST_BETWEEN,
        cause="multi-layer-affinity",
    ),
    Scenario(
        name="chains-affinity-expired-rotating",
        build=RotatingShop(rotating(max_age_s=60)),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
        cause="affinity-expired",
    ),
)
