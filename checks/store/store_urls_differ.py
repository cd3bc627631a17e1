"""Are all nodes told of one store?"""

from collections.abc import Hashable, Iterator
from urllib.parse import urlsplit

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    SessionStore,
    Severity,
    Topology,
    Verdicts,
    check,
    compared,
    named,
    odd_ones,
)

FILES = "files"  # a folder is a place of each node, whatever its name: see `session-files-not-shared`


@check(severity=Severity.HIGH)
def store_urls_differ(topology: Topology, configs: Configs | None) -> Verdicts:
    """Nodes are configured with different stores or key patterns.

    Compares what `nodes[].store_url` and `nodes[].keys` declare, host, port, database or path only; and what each
    node's own configuration says of where sessions are kept.
    The order of a list of servers does not count: whether it matters, their clients decide.
    """
    told = {
        (node.service, node.name): (_place(node.store_url.reveal()), node.keys)
        for node in topology.nodes
        if node.store_url.reveal() or node.keys
    }
    found = [*_declared(topology, told), *_configured(configs or Configs(), topology)]
    if not found:
        raise NotApplicable("fewer than two nodes declare a store_url or keys")
    yield from found


def _declared(topology: Topology, told: dict[tuple[str, str], tuple[str, str]]) -> Iterator[Problem | Fine]:
    """One answer for each service."""
    for service in sorted({service for service, _ in told} if len(told) > 1 else ()):
        mine = {name: value for (of, name), value in told.items() if of == service}
        odd, common = odd_ones(mine)
        if odd:
            index = next(i for i, node in enumerate(topology.nodes) if node.name == odd[0])
            text = f"{named(odd, 'uses', 'use')} {' '.join(mine[odd[0]])}; the other nodes use {' '.join(common)}"
            yield Problem(text, where=tuple(odd), at=("nodes", index, "store_url"))
        else:
            yield Fine("all nodes are configured with the same store")


def _configured(configs: Configs, topology: Topology) -> Verdicts:
    """What files say; of files without an owner's name only where users lose sessions."""
    stores = tuple(
        one
        for one in configs.session_stores
        if one.role in {"session", "unknown"} and one.endpoint and one.place != FILES
    )
    told = configs.by_owner(stores, any_file=bool(topology.symptoms))
    kinds: dict[Hashable, dict[str, SessionStore]] = {}
    for owner, found in told.items():
        for store in found[:1]:
            kinds.setdefault((store.place, store.format), {})[owner] = store
    for mine in kinds.values():
        if len(mine) > 1:
            yield from _compared(mine)


def _compared(stores: dict[str, SessionStore]) -> Verdicts:
    places = {owner: _where(store) for owner, store in stores.items()}
    return compared(
        places,
        stores,
        lambda owner, common: f"{owner} keeps sessions at {places[owner]}; the other nodes at {common}",
        "the nodes' configuration names one store",
    )


def _where(store: SessionStore) -> str:
    """Host and port, and the database; 0 where none is said."""
    servers = ",".join(sorted(store.endpoint.lower().split(",")))
    return f"{servers}/{store.database or 0}" if store.place == "redis" else servers


def _place(url: str) -> str:
    """Host, port and database; of a list of servers whose order may not matter, in one order."""
    parts = urlsplit(url)
    hosts = parts.netloc.rpartition("@")[2].lower().split(",")
    return ",".join(sorted(hosts)) + parts.path
