"""Which of the declared stores, and of those that nodes are told of, can be looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sessiondoctor.stores.contract import Source, kind_named, peers
from sessiondoctor.topology.model import Store
from sessiondoctor.topology.store_kinds import kind_of_url

if TYPE_CHECKING:
    from sessiondoctor.topology.model import StoreKind, Topology


def sources(topology: Topology) -> tuple[Source, ...]:
    """The declared stores that can be looked at, then what nodes are told instead."""
    stores = [
        Source(store.name, store.kind, store.url, store.table)
        for store in topology.stores
        if kind_named(store.kind) and store.url
    ]
    told = {node.store_url.reveal(): node for node in reversed(topology.nodes) if kind_of_url(node.store_url)}
    return (
        *stores,
        *(Source(node.store or node.name, kind_of_url(node.store_url), (node.store_url,)) for node in told.values()),
    )


def looked_at(topology: Topology) -> tuple[Store, ...]:
    """The declared stores with a URL of a known kind; then what only a node is told of, under the node's name.

    What is wrong with a store that one node alone is told of is wrong there.
    """
    declared = [store for store in topology.stores if kind_named(store.kind) and store.url]
    known = {place for store in declared for place in peers(store.kind, store.url)}
    told = []
    for node in topology.nodes:
        kind = kind_of_url(node.store_url)
        if kind and not known & set(peers(kind, (node.store_url,))):
            told.append(Store(node.name, cast("StoreKind", kind), (node.store_url,)))
    return (*declared, *told)
