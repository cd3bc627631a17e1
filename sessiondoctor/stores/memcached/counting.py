"""A census of session items: every item of every server, listed without touching one."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sessiondoctor.evidence.census import Census, Group
from sessiondoctor.formats.session_value import Layout
from sessiondoctor.stores.keys import printable, session_layout
from sessiondoctor.stores.memcached.address import servers
from sessiondoctor.stores.memcached.client import HANDSHAKE, connect, key_of
from sessiondoctor.stores.summary import quantiles

if TYPE_CHECKING:
    from sessiondoctor.probes.contract import Context
    from sessiondoctor.stores.memcached.address import Address
    from sessiondoctor.stores.memcached.client import Link, Listed
    from sessiondoctor.topology.model import Store, Topology

MOST_COMMANDS = HANDSHAKE + 6
"""What one census sends to each server: stats, and a dump, which may be busy a few times."""

_SECONDS = 20.0
_GROUPS = 20
_MOST_VALUES = 200_000  # of which quantiles are taken: all those of the first sessions


async def take(store: Store, ctx: Context) -> Census:
    """Lists the items of all servers of the store, at once.

    Raises:
        Unavailable: one of them does not answer, or does not list its items.
    """
    tally = _Tally(_patterns(store, ctx.topology))
    totals = await asyncio.gather(*(_count(address, tally) for address in servers(store.url)))
    return Census(
        store=store.name,
        database=0,
        total_keys=max(sum(totals), tally.listed),
        sampled=tally.listed,
        exact=tally.whole,
        groups=tally.groups(),
        other_keys=tally.others,
        other_without_ttl=tally.others_without_ttl,
    )


def _patterns(store: Store, topology: Topology) -> tuple[str, ...]:
    """The patterns declared for the store, and for the nodes that use it."""
    nodes = (node.keys for node in topology.nodes if node.store == store.name)
    return tuple(dict.fromkeys(pattern for pattern in (store.keys, *nodes) if pattern))


async def _count(address: Address, tally: _Tally) -> int:
    """Goes through a server's items; returns how many it says it has."""
    async with connect(address) as link:
        total = (await link.stats()).get("curr_items", "")
        await _list(link, tally)
    return int(total) if total.isascii() and total.isdigit() else 0


async def _list(link: Link, tally: _Tally) -> None:
    clock = asyncio.get_running_loop().time
    end = clock() + _SECONDS
    async for items in link.dump():
        tally.add(items, time.time())
        await asyncio.sleep(0)
        if clock() > end:
            tally.whole = False
            return


@dataclass(slots=True)
class _Sort:
    """Session items of one prefix."""

    layout: Layout
    items: int = 0
    without_ttl: int = 0
    ttls: list[float] = field(default_factory=list)
    sizes: list[float] = field(default_factory=list)

    def add(self, expires_at: int, size: int, now: float) -> None:
        """Counts one."""
        self.items += 1
        self.without_ttl += expires_at < 0
        if len(self.sizes) < _MOST_VALUES:
            self.sizes.append(size)
            if expires_at >= 0:
                self.ttls.append(max(0.0, round(expires_at - now, 1)))

    def group(self, listed: int) -> Group:
        """This sort as evidence, beside the number of all items."""
        return Group(
            product=self.layout.product,
            prefix=printable(self.layout.prefix),
            keys=self.items,
            share=round(self.items / listed, 4),
            ttl_s=quantiles(self.ttls),
            without_ttl=self.without_ttl,
            size_bytes=quantiles(self.sizes),
            types={"item": self.items},
        )


@dataclass(slots=True)
class _Tally:
    """The items of all servers of a store. `whole` says whether these are all."""

    patterns: tuple[str, ...]
    listed: int = 0
    whole: bool = True
    others: int = 0
    others_without_ttl: int = 0
    sorts: dict[tuple[str, str], _Sort] = field(default_factory=dict)

    def add(self, items: list[Listed], now: float) -> None:
        """Counts some items."""
        self.listed += len(items)
        for key, expires_at, size in items:
            layout = session_layout(key_of(key), self.patterns)
            if layout is None:
                self.others += 1
                self.others_without_ttl += expires_at < 0
            elif not layout.helper:
                self._sort(layout).add(expires_at, size, now)

    def _sort(self, layout: Layout) -> _Sort:
        return self.sorts.setdefault((layout.product, layout.prefix), _Sort(layout))

    def groups(self) -> tuple[Group, ...]:
        """The most frequent prefixes; the rest counts as other items."""
        ordered = sorted(self.sorts.values(), key=lambda sort: -sort.items)
        self.others += sum(sort.items for sort in ordered[_GROUPS:])
        return tuple(sort.group(self.listed) for sort in ordered[:_GROUPS])
