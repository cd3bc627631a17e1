"""What evidence tells about the site that the user did not declare: its stack, its products, how state is shared."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.evidence.configs import Configs
from sessiondoctor.evidence.visits import Visits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.topology.model import Topology

_HEADINGS = {"ingress-nginx": "k8s-ingress", "kubernetes": "k8s-ingress", "mod-jk": "mod_jk"}


def stack_hints(topology: Topology, gathered: Gathered) -> tuple[str, ...]:
    """The application's stack, empty if unknown, and the products that its configuration is for."""
    seen = (piece.value.stack for piece in gathered.of(Visits) if piece.value)
    configs = [piece.value for piece in gathered.of(Configs) if piece.value]
    told = (stack for config in configs for stack in _stacks(config))
    stack = topology.site.stack or next((word for word in (*seen, *told) if word), "")
    return (stack, *dict.fromkeys(product for config in configs for product in _products(config)))


def _stacks(configs: Configs) -> Iterator[str]:
    facts = (*configs.session_stores, *configs.secrets, *configs.session_cookies, *configs.proxy_trusts, *configs.routes)
    return (fact.stack for fact in facts if fact.stack)


def _products(configs: Configs) -> Iterator[str]:
    for fact in (*configs.affinities, *configs.pools, *configs.proxies):
        if fact.product:
            yield _HEADINGS.get(fact.product, fact.product)
    if configs.services or configs.workloads:
        yield "k8s-ingress"


def topology_of(topology: Topology, gathered: Gathered) -> Topology:
    """The topology with the sharing that configuration shows, where the user declared neither mode nor store."""
    if topology.mode() != "unknown":
        return topology
    for piece in gathered.of(Configs):
        if piece.value and piece.value.shares_sessions():
            places = {store.place for store in piece.value.session_stores}
            mode = "client-side" if places == {"cookie"} else "external"
            return replace(topology, site=replace(topology.site, mode=mode))
    return topology
