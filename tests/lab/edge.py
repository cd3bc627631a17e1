"""Starting any balancer in front of any nodes, and what a topology file says about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from tests.lab.servers.apache import Apache
from tests.lab.servers.front import Front
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.nginx import Nginx

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    if isinstance(placed, HAProxy):
        placed = replace(placed, stats_port=workspace.port(8404))
    workspace.start(placed)
    return placed


def described(balancer: Balancer) -> dict[str, Any]:
    """Its section of a topology file."""
    match balancer:
        case HAProxy():
            return {"name": "edge", "kind": "haproxy", "config": ["edge/haproxy.cfg"], "stats": balancer.stats}
        case Apache():
            return {"name": "edge", "kind": "apache", "config": ["edge/httpd.conf"], "stats": balancer.stats}
        case Nginx() | Front():
            return {"name": "edge", "kind": "nginx", "config": ["edge/nginx.conf"]}
