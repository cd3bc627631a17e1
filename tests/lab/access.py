"""How much of a cluster a scan is told: from the URL alone to everything."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

CHECKS = Path(__file__).parent.parent.parent / "checks"

Access = Literal["url", "nodes", "store", "everything"]
"""`url`: the site, how it is used, and public DNS; `nodes`: and the nodes' own URLs; `store`: and the stores, with who
uses which; `everything`: and configuration files, statistics, secrets, clocks."""

LEVELS: tuple[Access, ...] = get_args(Access)
_SECTIONS: Mapping[Access, frozenset[str]] = {
    "url": frozenset({"version", "symptoms", "site", "dns"}),
    "nodes": frozenset({"version", "symptoms", "site", "dns", "nodes"}),
    "store": frozenset({"version", "symptoms", "site", "dns", "nodes", "stores"}),
}
_NODE = frozenset({"name", "url", "headers", "ca", "route", "service"})

SEEN_FROM_OUTSIDE = frozenset({"affinity", "edge", "network"})
"""Families of causes that leave their own mark on what a browser gets: cookies, names of nodes, sizes, addresses. What
goes wrong in or behind the nodes shows there as a loss, and as nothing more."""
HIDDEN_FROM_OUTSIDE = frozenset({
    "affinity-cookie-not-issued",  # from no affinity at all: by the balancer's configuration
    "host-header-override",        # from a cookie for another domain: by asking a node
    "server-cookie-duplicate",     # from two layers of affinity: by the balancer's list of servers
    "ip-affinity-behind-proxy",    # from no affinity at all: by the balancer's configuration
    "health-check-flapping",       # from a node that fails: by what the balancer says of it
    "lb-peers-not-shared",         # from one balancer without affinity: by asking each
    "proxy-rewrites-cookie",       # from an application that sets the cookie so: by asking a node
    "multi-layer-affinity",        # from one layer without affinity: by the configuration of both
    "sticky-node-lost",            # is over when one looks: by what the balancer says of its nodes
})  # fmt: skip
"""Those of them that only another access tells from their look-alikes (see their pages)."""


def can_tell(cause: str, access: Access) -> bool:
    """Whether the evidence of a level can tell a cause from its look-alikes, by what the cause is."""
    return access != "url" or (family(cause) in SEEN_FROM_OUTSIDE and cause not in HIDDEN_FROM_OUTSIDE)


@cache
def family(cause: str) -> str:
    """The folder of `checks` that has the cause's page."""
    return next(CHECKS.glob(f"*/causes/{cause}.md")).parent.parent.name


def limited(topology: Path, access: Access) -> Path:
    """A topology file beside this one that tells no more than the level allows."""
    if access == "everything":
        return topology
    described: dict[str, Any] = yaml.safe_load(topology.read_text())
    told = {section: value for section, value in described.items() if section in _SECTIONS[access]}
    told["load_balancers"] = [_from_outside(balancer) for balancer in described.get("load_balancers", [])]
    known = _NODE | ({"store"} if "stores" in told else set())
    told["nodes"] = [{key: value for key, value in node.items() if key in known} for node in told.get("nodes", [])]
    path = topology.with_name(f"{access}.yaml")
    path.write_text(yaml.safe_dump(told, sort_keys=False))
    return path


def _from_outside(balancer: Mapping[str, Any]) -> dict[str, Any]:
    """What anybody knows of a balancer."""
    return {key: value for key, value in balancer.items() if key in {"name", "kind", "behind"}}
