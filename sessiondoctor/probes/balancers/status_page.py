"""What readers of balancers' status pages share: the page's URLs and text, and the node behind a server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sessiondoctor.evidence.balancers.status import BalancerStatus
from sessiondoctor.topology.model import Balancer, Node
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.message import Headers

Read = Callable[[Sequence[str], Balancer, Sequence[Node]], BalancerStatus]
"""From the texts of the pages, in the order of their URLs; raises `Unavailable` if they are something else."""

MOST = 500
"""Pools of a page, and servers of a pool."""


@dataclass(frozen=True, slots=True)
class StatusPage:
    """How a product shows its state to programs.

    Attributes:
        urls: from the declared URL, without login, to those that are fetched.
        headers: from the URL to what the request must say.
    """

    urls: Callable[[str], tuple[str, ...]]
    read: Read
    headers: Callable[[str], Headers] = lambda _: ()


def node_of(nodes: Sequence[Node], *, address: str = "", name: str = "", route: str = "") -> str:
    """The node with this host:port, else of this name, else with this route; empty if there is none."""
    by_address = (node.name for node in nodes if address and address == _authority(node))
    by_name = (node.name for node in nodes if node.name == name)
    by_route = (node.name for node in nodes if route and node.route == route)
    return next((found for matches in (by_address, by_name, by_route) for found in matches), "")


def _authority(node: Node) -> str:
    return _authority_of(node.url) if node.url else ""


@lru_cache(maxsize=1024)
def _authority_of(url: str) -> str:
    """Asked for each node and each server of a page."""
    return split_url(url).origin.authority
