"""Evidence of stores that a topology cannot give, and what to declare for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessiondoctor.probes.contract import Absent
from sessiondoctor.stores.contract import kind_named

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.topology.model import Topology


def declare(topology: Topology, kind: str, how: str) -> str:
    """The hint for evidence of one kind of store alone; none for whoever declares stores of other kinds only."""
    kinds = {store.kind for store in topology.stores}
    return f"declare stores[]: name, {how}" if not kinds or kind in kinds else ""


def unseen(topology: Topology, evidence: type[Any]) -> Iterator[Absent]:
    """Evidence of stores that there cannot be: none declared, no URL, a kind that is not known."""
    if not topology.stores:
        yield Absent(evidence, "site", "no store is declared", "declare the session store: stores[].name, kind, url")
    for store in topology.stores:
        if not kind_named(store.kind):
            reason = f"sessions in a store of kind {store.kind} cannot be looked into"
            yield Absent(evidence, store.name, reason, "look at it with its own tools")
        elif not store.url:
            yield Absent(evidence, store.name, "the store has no url", "declare stores[].url")
