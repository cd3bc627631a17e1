"""`--plan`: what a scan would do, in words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.pipeline.acquaintance import longest_flow, needs_acquaintance, with_flow
from sessiondoctor.pipeline.first_look import FIRST_LOOKS
from sessiondoctor.probes.entry.acquaintance import MOST_REQUESTS, is_declared
from sessiondoctor.report.escape import one_line
from sessiondoctor.wire.address import split_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.products.page import Product
    from sessiondoctor.topology.model import Store


def _flows(order: Order) -> Iterator[str]:
    """All requests that a product's page can cause."""
    wanted = order.topology.site.product
    for product in order.catalogue.products.values():
        if product.flow and wanted in {"", product.id}:
            yield f"    {product.title}: {', '.join(_requests(product))}"


def _requests(product: Product) -> Iterator[str]:
    for part in product.flow.values():
        for step in part if isinstance(part, list) else [part]:
            yield f"{step.get('method', 'GET')} {step.get('path', '/')}"


def _follows(store: Store) -> bool:
    """Whether servers are asked that the store itself names."""
    return any("+" in url.reveal().partition("://")[0] for url in store.url if store.kind == "redis")


def plan_text(order: Order) -> str:
    """Who would be contacted, how often at most, for what; and what this topology leaves out."""
    return "".join(f"{one_line(line)}\n" for line in _lines(order))


def _lines(order: Order) -> Iterator[str]:
    topology, follows = order.topology, not is_declared(order.topology.site.flow)
    meets = needs_acquaintance(order)
    if meets and follows:
        topology = with_flow(topology, longest_flow(order.catalogue, topology))
    plan = replace(order, topology=topology).plan()
    yield f"Nothing was contacted. A scan of {topology.target} would ask (--allow {order.options.allow}):"
    if meets:
        yield "  the site opened by new clients, to see which product it is"
    if meets and follows:
        yield "  and what tells a kept session, without an account: the token of a form, or the session cookie;"
        yield "  of a recognised product, and of no other, these requests instead:"
        yield from _flows(order)
    for probe in plan.probes:
        yield f"  {probe.describe}"
    yield ""
    yield "At most so many requests or commands:"
    if not topology.file:
        place = split_url(topology.site.url).origin.authority
        yield f"  {FIRST_LOOKS:6}  {place}, first of all, to follow redirects of the URL"
    if meets:
        yield f"  {MOST_REQUESTS:6}  {split_url(topology.site.url).origin.authority}, then, to get to know the site"
    for authority, count in sorted(plan.contacts().items()):
        yield f"  {count:6}  {authority}"
    followed = [store.name for store in topology.stores if _follows(store)]
    if followed:
        named = ", ".join(followed)
        yield f"  and, with the store's password, what {named} names: shards, primary, replicas"
    if plan.absent:
        yield ""
        yield "Not asked:"
        yield from dict.fromkeys(
            f"  {entry.subject}: {'; '.join(filter(None, (entry.reason, entry.hint)))}" for entry in plan.absent
        )
