"""Starting any balancer in front of any nodes, and what a topology file says about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from tests.lab.servers.apache import Apache
from tests.lab.servers.caddy import Caddy
from tests.lab.servers.envoy import Envoy
from tests.lab.servers.front import Front
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.jk import ModJk
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.traefik import Traefik

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.lab.cluster import Balancer
    from tests.lab.workspace import Workspace


class Node(Protocol):
    """What a balancer must know of a node."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def port(self) -> int:
        """Its port on 127.0.0.1."""


def start_balancer(workspace: Workspace, balancer: Balancer, nodes: Sequence[Node]) -> Balancer:
    """Start it in front of running nodes; returns it with its ports."""
    servers = tuple((node.name, node.port) for node in nodes)
    placed = replace(balancer, port=workspace.port(8080), servers=servers)
    if isinstance(placed, HAProxy | Caddy | Envoy | Traefik):
        placed = replace(placed, stats_port=workspace.port(8404))
    workspace.start(placed)
    return placed


def described(balancer: Balancer) -> dict[str, Any]:
    """Its section of a topology file."""
    kind, config = KINDS[type(balancer)]
    stats = {} if isinstance(balancer, Nginx | Front) else {"stats": balancer.stats}
    return {"name": "edge", "kind": kind, "config": [f"edge/{config}"], **stats}


KINDS: Mapping[type[Balancer], tuple[str, str]] = {
    HAProxy: ("haproxy", "haproxy.cfg"),
    Nginx: ("nginx", "nginx.conf"),
    Front: ("nginx", "nginx.conf"),
    Apache: ("apache", "httpd.conf"),
    ModJk: ("mod_jk", "workers.properties"),
    Caddy: ("caddy", "Caddyfile"),
    Envoy: ("envoy", "envoy.json"),
    Traefik: ("traefik", "routing.yml"),
}
"""What the topology calls a product, and its configuration file."""
