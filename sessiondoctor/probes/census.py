"""A census of the sessions in each declared store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.evidence.census import Census
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.stores.contract import kind_named, peers
from sessiondoctor.stores.declared import unseen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.probes.contract import Options
    from sessiondoctor.topology.model import Topology


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe a store."""
    yield from unseen(topology, Census)
    for store in topology.stores:
        if store.url and (kind := kind_named(store.kind)):
            contacts = dict.fromkeys(peers(store.kind, store.url), kind.COST.census)
            yield Probe(Census, store.name, "a count of the sessions in it", contacts, partial(kind.census, store))
