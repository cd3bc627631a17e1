"""What evidence tells about the site that the user did not declare: its stack and its products."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.evidence.configs.files import Configs
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.logs import Log

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.products.page import Product
    from sessiondoctor.topology.model import Topology

_HEADINGS = {"ingress-nginx": "k8s-ingress", "kubernetes": "k8s-ingress", "mod-jk": "mod_jk"}


def stack_hints(topology: Topology, gathered: Gathered, product: Product | None = None) -> tuple[str, ...]:
    """The application's stack, empty if unknown, and the products that its configuration is for."""
    seen = (piece.value.stack for kind in (Visits, Log) for piece in gathered.of(kind) if piece.value)
    configs = [piece.value for piece in gathered.of(Configs) if piece.value]
    told = (stack for config in configs for stack in _stacks(config))
    known = product.stack if product else ""
    first, last = ("", known) if product and product.framework else (known, "")
    stack = topology.site.stack or _first((first, *seen, *told, last))
    return (stack, *dict.fromkeys(product for config in configs for product in _products(config)))


def _first(words: Iterable[str | None]) -> str:
    return next((word for word in words if word), "")


def _stacks(configs: Configs) -> Iterator[str]:
    stated: tuple[tuple[Fact, ...], ...] = (
        configs.session_stores, configs.secrets, configs.session_cookies, configs.proxy_trusts, configs.routes,
        configs.managers, configs.session_idles,
    )  # fmt: skip
    return (stack for facts in stated for fact in facts if (stack := getattr(fact, "stack", "")))


def _products(configs: Configs) -> Iterator[str]:
    products = [fact.product for fact in configs.affinities]
    products += [fact.product for fact in (*configs.pools,)] + [fact.product for fact in configs.proxies]
    yield from (_HEADINGS.get(product, product) for product in products if product)
    if configs.services or configs.workloads:
        yield "k8s-ingress"


def topology_of(topology: Topology, product: Product | None = None) -> Topology:
    """The topology with how a product shares its sessions, where neither the user nor a file says how.

    A product whose sessions are in its cookies has them nowhere else; a framework may keep them elsewhere, too.
    """
    in_cookies = product is not None and product.state.place == "cookie" and not product.framework
    if topology.mode() == "unknown" and in_cookies:
        return replace(topology, site=replace(topology.site, mode="client-side"))
    return topology
