"""What a site looks like at first sight, from before the plan to the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sessiondoctor.evidence.entry.acquaintance import Acquaintance
from sessiondoctor.evidence.gathered import Piece
from sessiondoctor.model import SiteSeen
from sessiondoctor.topology.steps import Flow, Step

if TYPE_CHECKING:
    from sessiondoctor.catalogue.loader import Catalogue
    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.products.page import Product
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.wire.client import Wire


def needs_acquaintance(order: Order) -> bool:
    """Whether the site's entry is asked at all, and for more than a list of checks that need no flow."""
    return bool(order.topology.site.url) and any(probe.holds for probe in order.plan().probes)


async def acquainted(order: Order, wire: Wire, seconds: float) -> Order:
    """The order with what the site looks like, and with a flow to follow its sessions by if none is declared."""
    from sessiondoctor.context import Context
    from sessiondoctor.probes.entry.acquaintance import acquaint
    from sessiondoctor.redact import Redactor

    context = Context(order.topology, order.options, wire, Redactor(), _nothing_yet)
    seen, flow = await acquaint(context, order.catalogue.products.values(), seconds)
    return replace(order, topology=with_flow(order.topology, flow), acquaintance=seen)


def with_flow(topology: Topology, flow: Flow) -> Topology:
    """The topology whose sessions are followed by this flow; as it is if that is empty."""
    if not flow.write:
        return topology
    whole = replace(topology.site.flow, write=flow.write, read=flow.read)
    return replace(topology, site=replace(topology.site, flow=whole))


def longest_flow(catalogue: Catalogue, topology: Topology) -> Flow:
    """A flow of as many requests as the longest that may be followed by default, to plan with."""
    name = topology.site.product
    flows = [one.flow for one in catalogue.products.values() if one.flow and name in {"", one.id}]
    write = max((_length(flow["write"]) for flow in flows), default=1)
    read = max((_length(flow["read"]) for flow in flows), default=1)
    return Flow(write=(Step(),) * write, read=(Step(),) * read)


def product_of(catalogue: Catalogue, topology: Topology, gathered: Gathered) -> Product | None:
    """What the site runs: as declared, else as recognised."""
    name = topology.site.product or next((seen.product for seen in _seen(gathered)), "")
    return catalogue.products.get(name) if name else None


def with_acquaintance(gathered: Gathered, seen: Acquaintance | None) -> Gathered:
    """All evidence, with the first sight."""
    if seen is None:
        return gathered
    return replace(gathered, pieces=(*gathered.pieces, Piece(Acquaintance, "site", value=seen)))


def site_seen(gathered: Gathered, product: Product | None) -> SiteSeen | None:
    """The same as the report has it; None if there is nothing to say."""
    seen = next(iter(_seen(gathered)), Acquaintance())
    if product is None and not (seen.followed_by or seen.why_not):
        return None
    return SiteSeen(
        product=product.id if product else "",
        title=" ".join(filter(None, (product.title, seen.version))) if product else "",
        certainty=seen.certainty,
        because=seen.because,
        says=product.says() if product else "",
        followed_by=seen.followed_by,
        why_not=seen.why_not,
    )


def _seen(gathered: Gathered) -> list[Acquaintance]:
    return [piece.value for piece in gathered.of(Acquaintance) if piece.value is not None]


def _length(steps: Any) -> int:
    return len(steps) if isinstance(steps, list) else 1


async def _nothing_yet(kind: type[Any]) -> Any:
    raise AssertionError(f"{kind} was asked for before the scan began")
