"""Evidence for checks of stores."""

from __future__ import annotations

from sessiondoctor.evidence.entry.visits import Reread
from sessiondoctor.topology.model import Node
from sessiondoctor.topology.secret import Secret
from tests.checks.build import topology, visits

NOWHERE: dict[str, object] = {"app1": [], "app2": [], "app3": []}


def told(*urls: str) -> object:
    """Nodes that are told these stores."""
    return topology(nodes=tuple(Node(f"app{n}", store_url=Secret(url)) for n, url in enumerate(urls)))


def reread(state: object) -> object:
    """An early session at the end of the visits."""
    return visits(rereads=(Reread("sid:1", 12.0, state),))  # type: ignore[arg-type]
