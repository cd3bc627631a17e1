"""memcached servers, searched for the key of a session."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.located import Place
from sessiondoctor.stores.contract import Keyspaces, Traffic
from sessiondoctor.stores.keys import candidates, guesses, printable, session_layout, text_of
from sessiondoctor.stores.memcached.address import servers
from sessiondoctor.stores.memcached.client import Link, connect, key_of, number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AsyncExitStack

    from sessiondoctor.context import Context
    from sessiondoctor.stores.contract import Source
    from sessiondoctor.stores.memcached.address import Address

MOST_DUMPS = 20
"""Dumps that one search makes on one server."""

_SECONDS_EACH = 8.0
# What clients of memcached put before the id unless they are told otherwise, besides what `keys.guesses` knows.
_PREFIXES = ("memc.sess.key.", ":1:django.contrib.sessions.cache", "session:", "sess:", "")


@dataclass(frozen=True, slots=True)
class MemcachedSpot:
    """A key that holds a session. `prefix` is what stands before the id."""

    keyspace: MemcachedKeyspace
    key: bytes = field(repr=False)
    prefix: str

    @property
    def secret(self) -> str:
        """The key."""
        return text_of(self.key)

    async def ttl_s(self) -> float | None:
        """Seconds to live: -1 without expiry, None if the key is gone or cannot be asked about."""
        # The server counts whole seconds. Its date of expiry does not move while nobody writes, so that two looks
        # at it tell for certain whether there was a write in between.
        expires = await self.keyspace.link.expires_at(self.key)
        if expires is None or expires < 0:
            return expires
        return max(0.0, round(expires - time.time() - self.keyspace.ahead_s, 3))

    async def place(self) -> Place:
        """All there is to say of the key but its time to live; the value stays where it is."""
        item, layout = await self.keyspace.link.about(self.key), session_layout(self.key)
        return Place(
            store=self.keyspace.store,
            endpoint=self.keyspace.label,
            home=self.keyspace.home,
            prefix=printable(self.prefix),
            layout=layout.product if layout else "unknown",
            encoding="",
            ttl_s=None,
            size_bytes=item.size if item else None,
        )


@dataclass(slots=True)
class MemcachedKeyspace:
    """One server.

    Attributes:
        home: all servers of the ring that it belongs to.
        ahead_s: the server's clock less ours, to a second.
        dumps: how many it may still make.
    """

    store: str
    home: str
    link: Link
    ahead_s: float = 0.0
    dumps: int = MOST_DUMPS

    @property
    def label(self) -> str:
        """host:port."""
        return self.link.place

    async def declared(self, ids: Sequence[str], patterns: Sequence[str]) -> MemcachedSpot | None:
        """The key of a declared pattern that holds one of these ids."""
        return await self._exactly(candidates(ids, patterns))

    async def known(self, ids: Sequence[str]) -> MemcachedSpot | None:
        """The key under which a known product keeps one of these ids."""
        return await self.under(ids, _PREFIXES)

    async def under(self, ids: Sequence[str], prefixes: Sequence[str]) -> MemcachedSpot | None:
        """The key that is one of these prefixes and one of these ids."""
        return await self._exactly(guesses(ids, prefixes))

    async def scan(self, ids: Sequence[str]) -> MemcachedSpot | None:
        """The likeliest key that contains one of these ids.

        Raises:
            Unavailable: none was found among the items that could be listed.
        """
        wanted = {text: text.encode("utf-8", "surrogateescape") for text in ids}
        stored_sessions = [
            MemcachedSpot(self, key, text_of(key).partition(text)[0])
            for key in await self._holding(tuple(wanted.values()))
            for text, octets in wanted.items()
            if octets in key
        ]
        return min(
            stored_sessions, key=lambda stored: (session_layout(stored.key) is None, len(stored.key)), default=None
        )

    @property
    def server(self) -> str:
        """Whose counters `traffic` gives: the keyspace is the whole server."""
        return self.label

    async def traffic(self) -> Traffic | None:
        """What the server counts; our own looks at keys do not."""
        stats = await self.link.stats()
        names = ("get_hits", "get_misses", "evictions")
        return Traffic(*(number(stats, name) for name in names)) if "get_misses" in stats else None

    async def _exactly(self, keys: Sequence[tuple[bytes, str]]) -> MemcachedSpot | None:
        for key, prefix in keys:
            if await self.link.about(key):
                return MemcachedSpot(self, key, prefix)
        return None

    async def _holding(self, texts: tuple[bytes, ...]) -> list[bytes]:
        """Keys that contain one of these texts; locks and the like are left out."""
        if not self.dumps:
            raise Unavailable(f"{self.label} is not searched any further")
        self.dumps -= 1
        clock = asyncio.get_running_loop().time
        # As a dump writes keys: all but these four and letters and digits as %XX (uriencode in util.c).
        wanted = re.compile(b"|".join(re.escape(quote(text, safe="-._~").encode("ascii")) for text in texts))
        end, found = clock() + _SECONDS_EACH, []
        async with connect(self.link.address) as link:  # of its own: a dump that is broken off is still coming in
            async for items in link.dump():
                found += [key_of(key) for key, _, _ in items if wanted.search(key)]
                await asyncio.sleep(0)
                if clock() > end:
                    raise Unavailable(f"{self.label} has more items than can be searched")
        return [key for key in found if not _helper(key)]


def _helper(key: bytes) -> bool:
    layout = session_layout(key)
    return bool(layout and layout.helper)


def homes(sources: Sequence[Source]) -> dict[Address, tuple[str, str]]:
    """Each server with the store's name and all servers of its ring, in the order of the first list that names them.

    Lists that share a server are one ring: nodes may be told its servers in another order, or not all of them.
    """
    rings: list[tuple[str, dict[Address, None]]] = []
    for source in sources:
        listed = dict.fromkeys(servers(source.urls))
        mine = [ring for ring in rings if ring[1].keys() & listed.keys()]
        store, ring = mine[0] if mine else (source.store, {})
        for _, other in mine[1:]:
            ring |= other
        rings = [kept for kept in rings if kept not in mine]
        rings.append((store, ring | listed))
    return {address: (store, ", ".join(sorted(one.place for one in ring))) for store, ring in rings for address in ring}


async def keyspaces(sources: Sequence[Source], _ctx: Context, stack: AsyncExitStack) -> Keyspaces:
    """Every server of these stores.

    Raises:
        Unavailable: not one can be searched.
    """
    found: list[MemcachedKeyspace] = []
    problem: Unavailable | None = None
    for address, (store, home) in homes(sources).items():
        try:
            link = await stack.enter_async_context(connect(address))
            await link.about(b"sessiondoctor")  # is it one that tells of an item without touching it?
            ahead = await link.clock() - time.time()
        except Unavailable as trouble:
            problem = trouble
            continue
        found.append(MemcachedKeyspace(store, home, link, ahead))
    if not found:
        raise problem or Unavailable("no memcached store is declared")
    return Keyspaces(tuple(found), problem.reason if problem else "")
