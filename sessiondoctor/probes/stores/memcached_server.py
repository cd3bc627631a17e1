"""memcached stores: what each server says of itself."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.memcached_server import MemcachedServer
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.stores.declared import looked_at
from sessiondoctor.stores.memcached.address import servers
from sessiondoctor.stores.memcached.client import HANDSHAKE, connect, number
from sessiondoctor.stores.memcached.refusal import MemcachedTrouble

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.stores.memcached.address import Address
    from sessiondoctor.stores.memcached.client import Link
    from sessiondoctor.topology.model import Store, Topology

_LOOKS_APART_S = 1.0
_QUESTIONS = HANDSHAKE + 5


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """What each memcached says of itself: declared, or told to a node. One probe a server."""
    stores = [store for store in looked_at(topology) if store.kind == "memcached"]
    if not stores:
        hint = "declare stores[]: name, kind: memcached, url"
        yield Absent(MemcachedServer, "site", "no memcached store is declared", hint)
    for store in stores:
        try:
            ring = servers(store.url)
        except Unavailable as trouble:
            yield Absent(MemcachedServer, store.name, trouble.reason, trouble.hint)
            continue
        for address in ring:
            subject = store.name if len(ring) == 1 else f"{store.name} {address.place}"
            what = f"what {address.place} says of itself, twice"
            ask = partial(look, store, address)
            yield Probe(MemcachedServer, subject, what, {address.place: _QUESTIONS}, ask)


async def look(store: Store, address: Address, _ctx: Context, apart_s: float = _LOOKS_APART_S) -> MemcachedServer:
    """A server's own figures; `apart_s` lies between the two looks.

    Raises:
        Unavailable: it does not answer, or may not be asked.
    """
    try:
        async with connect(address) as link:
            return await _figures(store.name, link, apart_s)
    except MemcachedTrouble as trouble:
        if trouble.why == "full":
            return MemcachedServer(store.name, address.place, full=True)
        raise


async def _figures(store: str, link: Link, apart_s: float) -> MemcachedServer:
    clock = asyncio.get_running_loop().time
    first, settings, began = await _look(link), await link.stats("settings"), clock()
    await asyncio.sleep(apart_s)
    last, ahead = await _look(link), time.time()
    restarted = last.of("uptime") < first.of("uptime")
    both = _Two(_NONE if restarted else first, last)
    return MemcachedServer(
        store=store,
        endpoint=link.place,
        version=link.version,
        uptime_s=last.of("uptime"),
        delta_s=round(clock() - began, 3),
        items=last.of("curr_items"),
        evicted=last.of("evictions"),
        evicted_delta=both.delta("evictions"),
        evicted_with_expiry=last.classes("evicted_nonzero"),
        evicted_with_expiry_delta=both.classes_delta("evicted_nonzero"),
        evicted_idle_s=last.idle_of_evicted(),
        too_large=last.of("store_too_large"),
        too_large_delta=both.delta("store_too_large"),
        no_memory=last.of("store_no_memory"),
        flushes=last.of("cmd_flush"),
        flushes_delta=both.delta("cmd_flush"),
        flushed_misses=last.of("get_flushed"),
        misses=last.of("get_misses"),
        connections=last.of("curr_connections"),
        max_connections=last.of("max_connections") or number(settings, "maxconns"),
        refused_connections=last.of("listen_disabled_num") + last.of("rejected_connections"),
        largest_item=number(settings, "item_size_max"),
        evicts=settings.get("evictions", "on") != "off",
        clock_ahead_s=last.of("time") - round(ahead) if last.of("time") else 0,
        restarted=restarted,
    )


async def _look(link: Link) -> _Look:
    return _Look(await link.stats(), await link.stats("items"))


@dataclass(frozen=True, slots=True)
class _Look:
    """What a server says at one time: `stats` and `stats items`."""

    general: dict[str, str]
    items: dict[str, str]

    def of(self, name: str) -> int:
        """A general figure; 0 where there is none."""
        return number(self.general, name)

    def classes(self, name: str) -> int:
        """The sum of `items:<class>:<name>` over all slab classes."""
        return sum(number(self.items, key) for key in self.items if key.endswith(f":{name}"))

    def idle_of_evicted(self) -> int | None:
        """`evicted_time`, the shortest of the classes that have evicted."""
        found = [
            number(self.items, key.removesuffix("evicted") + "evicted_time")
            for key in self.items
            if key.endswith(":evicted") and number(self.items, key)
        ]
        return min(found, default=None)


_NONE = _Look({}, {})


@dataclass(frozen=True, slots=True)
class _Two:
    """Two looks at counters, the first at nothing if the server was started anew in between."""

    first: _Look
    last: _Look

    def delta(self, name: str) -> int:
        """By how much a figure has risen."""
        return max(0, self.last.of(name) - self.first.of(name))

    def classes_delta(self, name: str) -> int:
        """Likewise, summed over all slab classes."""
        return max(0, self.last.classes(name) - self.first.classes(name))
