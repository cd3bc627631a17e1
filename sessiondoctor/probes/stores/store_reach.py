"""Whether the declared stores, and those that nodes are told of, answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.evidence.stores.store_reach import StoreReach
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.stores.absences import unseen
from sessiondoctor.stores.contract import kind_named, peers
from sessiondoctor.stores.declared import looked_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Options
    from sessiondoctor.topology.model import Topology


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe a store."""
    yield from unseen(topology, StoreReach)
    for store in looked_at(topology):
        if kind := kind_named(store.kind):
            contacts = dict.fromkeys(peers(store.kind, store.url), kind.COST.reach)
            yield Probe(StoreReach, store.name, "whether the store answers", contacts, partial(kind.reach, store))
