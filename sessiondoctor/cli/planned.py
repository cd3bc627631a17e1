"""`--plan`: what a scan would do, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.pipeline.first_look import FIRST_LOOKS
from sessiondoctor.wire.address import split_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Options
    from sessiondoctor.pipeline.plan import Plan
    from sessiondoctor.topology.model import Store, Topology


def _follows(store: Store) -> bool:
    """Whether servers are asked that the store itself names."""
    return any("+" in url.reveal().partition("://")[0] for url in store.url if store.kind == "redis")


def plan_text(plan: Plan, topology: Topology, options: Options) -> str:
    """Who would be contacted, how often at most, for what; and what this topology leaves out."""
    return "".join(f"{line}\n" for line in _lines(plan, topology, options))


def _lines(plan: Plan, topology: Topology, options: Options) -> Iterator[str]:
    yield f"Nothing was contacted. A scan of {topology.target} would ask (--allow {options.allow}):"
    for probe in plan.probes:
        yield f"  {probe.describe}"
    yield ""
    yield "At most so many requests or commands:"
    if not topology.file:
        place = split_url(topology.site.url).origin.authority
        yield f"  {FIRST_LOOKS:6}  {place}, first of all, to follow redirects of the URL"
    for authority, count in sorted(plan.contacts().items()):
        yield f"  {count:6}  {authority}"
    followed = [store.name for store in topology.stores if _follows(store)]
    if followed:
        named = ", ".join(followed)
        yield f"  and, with the store's password, what {named} names: shards, primary, replicas"
    if plan.absent:
        yield ""
        yield "Not asked:"
        yield from dict.fromkeys(f"  {entry.subject}: {entry.reason}; {entry.hint}" for entry in plan.absent)
