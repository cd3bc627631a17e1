"""How much of a cluster a scan is told: from the URL alone to everything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Access = Literal["url", "nodes", "store", "everything"]
"""`url`: the site and how it is used; `nodes`: and the nodes' own URLs; `store`: the stores instead; `everything`."""

LEVELS: tuple[Access, ...] = get_args(Access)
_SECTIONS: Mapping[Access, frozenset[str]] = {
    "url": frozenset({"version", "symptoms", "site"}),
    "nodes": frozenset({"version", "symptoms", "site", "nodes"}),
    "store": frozenset({"version", "symptoms", "site", "stores"}),
}


def limited(topology: Path, access: Access) -> Path:
    """A topology file beside this one that tells no more than the level allows."""
    if access == "everything":
        return topology
    described: dict[str, Any] = yaml.safe_load(topology.read_text())
    told = {section: value for section, value in described.items() if section in _SECTIONS[access]}
    told["load_balancers"] = [_from_outside(balancer) for balancer in described.get("load_balancers", [])]
    told["nodes"] = [_address(node) for node in told.get("nodes", [])]
    path = topology.with_name(f"{access}.yaml")
    path.write_text(yaml.safe_dump(told, sort_keys=False))
    return path


def _from_outside(balancer: Mapping[str, Any]) -> dict[str, Any]:
    """What anybody knows of a balancer."""
    return {key: value for key, value in balancer.items() if key in {"name", "kind", "behind"}}


def _address(node: Mapping[str, Any]) -> dict[str, Any]:
    """How to reach a node, and nothing about its configuration."""
    return {key: value for key, value in node.items() if key in {"name", "url", "headers", "ca", "route"}}
