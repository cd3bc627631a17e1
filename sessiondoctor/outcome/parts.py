"""The parts of a site and who sends requests to whom: as declared, else as seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.model import Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.model import ClientHistory
    from sessiondoctor.topology.model import Node, Topology

_MOST_SEEN = 40
_SITE = "site"
_OWN_MEMORY = "none"


def parts_of(topology: Topology, requests: Iterable[ClientHistory]) -> tuple[Part, ...]:
    """The entry, the balancers, the nodes, the stores; none where only files were judged.

    Nodes that nobody declared are those that answered, by the names that responses gave them.
    """
    if not topology.site.url:
        return ()
    seen = dict.fromkeys(request.node for client in requests for request in client.requests if request.node)
    nodes = tuple(node.name for node in topology.nodes) or tuple(seen)[:_MOST_SEEN]
    return tuple(_parts(topology, nodes))


def _parts(topology: Topology, nodes: tuple[str, ...]) -> Iterator[Part]:
    outer = tuple(one.name for one in topology.load_balancers if not one.behind)
    yield Part(_SITE, "site", sends_to=outer or nodes, line=topology.line("site", "url"))
    for number, balancer in enumerate(topology.load_balancers):
        inner = tuple(one.name for one in topology.load_balancers if one.behind == balancer.name)
        yield Part(balancer.name, "balancer", balancer.kind, inner or nodes, topology.line("load_balancers", number))
    declared = {node.name: (number, node) for number, node in enumerate(topology.nodes)}
    for name in nodes:
        number, node = declared.get(name, (0, None))
        if node:
            yield Part(name, "node", topology.site.stack or "", _stores(topology, node), topology.line("nodes", number))
        else:
            yield Part(name, "node", sends_to=tuple(store.name for store in topology.stores))
    for number, store in enumerate(topology.stores):
        yield Part(store.name, "store", store.kind, line=topology.line("stores", number))


def _stores(topology: Topology, node: Node) -> tuple[str, ...]:
    """The store that a node is said to use; without a word all of them."""
    if node.store == _OWN_MEMORY:
        return ()
    return tuple(store.name for store in topology.stores if node.store in {"", store.name})
