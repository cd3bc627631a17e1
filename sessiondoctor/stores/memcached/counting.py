"""A census of session items: every item of every server, listed without touching one."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.evidence.stores.census import Census, Group
from sessiondoctor.formats.session_value import Layout
from sessiondoctor.stores.bins import Bins, by_size, by_time, fullest
from sessiondoctor.stores.keys import printable, session_layout
from sessiondoctor.stores.memcached.address import servers
from sessiondoctor.stores.memcached.client import HANDSHAKE, connect, key_of, number

if TYPE_CHECKING:
    from sessiondoctor.context import Context
    from sessiondoctor.stores.memcached.address import Address
    from sessiondoctor.stores.memcached.client import Link, Listed
    from sessiondoctor.topology.model import Store, Topology

MOST_COMMANDS = HANDSHAKE + 6
"""What one census sends to each server: stats, and a dump, which may be busy a few times."""

_SECONDS = 20.0
_GROUPS = 20
_MOST_SORTS = 200  # a session key under yet another prefix is an item of something else


async def take(store: Store, ctx: Context) -> Census:
    """Lists the items of all servers of the store, at once.

    Raises:
        Unavailable: one of them does not answer, or does not list its items.
    """
    tally = _Tally(_patterns(store, ctx.topology))
    totals = await asyncio.gather(*(_count(address, tally) for address in servers(store.url)))
    groups = tally.largest()
    return Census(
        store=store.name,
        database=0,
        total_keys=max(sum(totals), tally.listed),
        sampled=tally.listed,
        exact=not tally.cut,
        groups=tuple(sort.group(tally.listed) for sort in groups[:_GROUPS]),
        helper_keys=tally.helpers,
        cut=tally.cut,
    )


def _patterns(store: Store, topology: Topology) -> tuple[str, ...]:
    """The patterns declared for the store, and for the nodes that use it."""
    nodes = (node.keys for node in topology.nodes if node.store == store.name)
    return tuple(dict.fromkeys(pattern for pattern in (store.keys, *nodes) if pattern))


async def _count(address: Address, tally: _Tally) -> int:
    """Goes through a server's items; returns how many it says it has."""
    async with connect(address) as link:
        stats = await link.stats()
        await _list(link, tally, number(stats, "time"))
    return number(stats, "curr_items")


async def _list(link: Link, tally: _Tally, now: int) -> None:
    clock = asyncio.get_running_loop().time
    end = clock() + _SECONDS
    async for items in link.dump():
        tally.add(items, now)
        await asyncio.sleep(0)
        if clock() > end:
            tally.cut = "the time was up before all items were listed"
            return


@dataclass(slots=True)
class _Sort:
    """Session items of one prefix."""

    layout: Layout
    items: int = 0
    without_ttl: int = 0
    ttls: Bins = field(default_factory=Bins)
    sizes: Bins = field(default_factory=Bins)

    def add(self, items: list[tuple[int, int]], now: int) -> None:
        """Counts items, given their expiry and size."""
        ends, sizes = Counter(end for end, _ in items), Counter(size for _, size in items)
        forever = sum(count for end, count in ends.items() if end < 0)
        self.items += len(items)
        self.without_ttl += forever
        self.ttls.add(Counter({max(0, end - now): count for end, count in ends.items() if end >= 0}))
        self.sizes.add(sizes)

    def group(self, listed: int) -> Group:
        """This sort as evidence, beside the number of all items."""
        return Group(
            product=self.layout.product,
            prefix=printable(self.layout.prefix),
            keys=self.items,
            share=round(self.items / listed, 4),
            ttl_s=self.ttls.quantiles(),
            without_ttl=self.without_ttl,
            size_bytes=self.sizes.quantiles(),
            types={"item": self.items},
            ttl_bars=by_time(self.ttls),
            size_bars=by_size(self.sizes),
            ttl_pile=fullest(self.ttls),
        )


@dataclass(slots=True)
class _Tally:
    """The items of all servers of a store. `cut` says why these are not all."""

    patterns: tuple[str, ...]
    listed: int = 0
    cut: str = ""
    helpers: int = 0
    sorts: dict[tuple[str, str], _Sort] = field(default_factory=dict)

    def add(self, items: list[Listed], now: int) -> None:
        """Counts some items; `now` in Unix seconds by the server's clock."""
        self.listed += len(items)
        # By identity, as layouts come from a cache; held here, none is recycled.
        found: dict[int, tuple[Layout | None, list[tuple[int, int]]]] = {}
        for key, end, size in items:
            layout = session_layout(key_of(key), self.patterns)
            found.setdefault(id(layout), (layout, []))[1].append((end, size))
        for layout, some in found.values():
            if layout and layout.helper:
                self.helpers += len(some)
            else:
                self._count(layout, some, now)

    def _count(self, layout: Layout | None, items: list[tuple[int, int]], now: int) -> None:
        name = (layout.product, layout.prefix) if layout else ("", "")
        if layout and (name in self.sorts or len(self.sorts) < _MOST_SORTS):
            self.sorts.setdefault(name, _Sort(layout)).add(items, now)

    def largest(self) -> list[_Sort]:
        """The prefixes, the most frequent first."""
        return sorted(self.sorts.values(), key=lambda sort: -sort.items)
