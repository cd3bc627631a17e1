"""The databases of Redis servers, and Redis Clusters, searched for the key of a session."""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.located import Place
from sessiondoctor.stores.contract import Opened, Traffic
from sessiondoctor.stores.keys import candidates, escaped, guesses, printable, session_layout, text_of
from sessiondoctor.stores.redis.client import Link, open_link
from sessiondoctor.stores.redis.fleet import Fleet, alone, open_all
from sessiondoctor.stores.redis.refusal import RedisTrouble
from sessiondoctor.stores.redis.value import SMALL, contents_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.context import Context
    from sessiondoctor.stores.contract import Source

MOST_SCANS = 1000
"""SCAN commands of one search, for all sessions together."""

_SCANS_EACH = 200  # of 1000 keys, for one id in one database
_SECONDS_EACH = 2.0
_MOST_DATABASES = 16
_REST_S = 0.001
_REDISSON_BEYOND_S = 60.0
_SPRING_BEYOND_S = 300.0
_COUNTERS = (b"keyspace_hits", b"keyspace_misses", b"evicted_keys", b"expired_keys")
_GONE = -2  # PTTL of a key that does not exist; -1 is no expiry


@dataclass(frozen=True, slots=True)
class RedisSpot:
    """A key that holds a session. `prefix` is what stands before the id."""

    shelf: RedisShelf
    link: Link
    key: bytes = field(repr=False)
    prefix: str

    @property
    def secret(self) -> str:
        """The key."""
        return text_of(self.key)

    async def ttl_s(self) -> float | None:
        """Seconds to live: -1 without expiry, None if the key is gone or may not be asked about."""
        (ttl,) = await self.link.ask(("PTTL", self.key))
        if not isinstance(ttl, int) or ttl == _GONE:
            return None
        return ttl / 1000 if ttl >= 0 else -1.0

    async def idle_s(self) -> float | None:
        """Whole seconds since the key was last used; None under an LFU policy, which keeps no such time.

        A narrow user is spared it: its ACL need not have the command, and would log the refusal.
        """
        if self.link.address.narrow or "OBJECT IDLETIME" in self.link.refused:
            return None
        (idle,) = await self.link.ask(("OBJECT", "IDLETIME", self.key))
        return float(idle) if isinstance(idle, int) else None

    async def place(self) -> Place:
        """All there is to say of the key but its time to live."""
        link = self.link
        kind, size = await link.ask(("TYPE", self.key), ("MEMORY", "USAGE", self.key))
        name = kind.decode("ascii", "replace") if isinstance(kind, bytes) else ""
        bounded = name == "string" or (isinstance(size, int) and size <= SMALL)
        contents = await contents_of(link, [(self.key, name)] if bounded else [])
        layout = session_layout(self.key)
        return Place(
            store=self.shelf.store,
            endpoint=link.place,
            home=self.shelf.label,
            prefix=printable(self.prefix),
            layout=layout.product if layout else "unknown",
            encoding=next(iter(contents.encodings), ""),
            ttl_s=None,
            size_bytes=size if isinstance(size, int) else None,
            classes=contents.versions(),
            beyond_s=await self._beyond_s(layout.product if layout else ""),
        )

    async def _beyond_s(self, product: str) -> float:
        """How much longer than the session the product keeps this key.

        Redisson: a minute (RedissonSession.expireSession). Spring Session with an index: five minutes, then a key
        `...:expires:ID` beside it ends with the session (RedisSessionExpirationPolicy).
        """
        if product == "redisson":
            return _REDISSON_BEYOND_S
        if product != "spring-session":
            return 0.0
        beside = self.key.replace(b"sessions:", b"sessions:expires:", 1)
        (reply,) = await self.link.ask(("PTTL", beside))
        return _SPRING_BEYOND_S if isinstance(reply, int) and reply != _GONE else 0.0


@dataclass(slots=True)
class _Budget:
    """SCAN commands that one search may still send."""

    scans: int = MOST_SCANS


@dataclass(frozen=True, slots=True)
class RedisShelf:
    """One database of one server, or a whole cluster."""

    store: str
    fleet: Fleet
    budget: _Budget

    @property
    def link(self) -> Link:
        """To the server, or to the first shard."""
        return self.fleet.link

    @property
    def label(self) -> str:
        """host:port/database, or the cluster."""
        return self.fleet.home if self.fleet.cluster else f"{self.link.place}/{self.link.address.database}"

    @property
    def server(self) -> str:
        """host:port, or the cluster."""
        return self.fleet.home

    async def declared(self, ids: Sequence[str], patterns: Sequence[str]) -> RedisSpot | None:
        """The key of a declared pattern that holds one of these ids."""
        return await self._exactly(candidates(ids, patterns))

    async def known(self, ids: Sequence[str]) -> RedisSpot | None:
        """The key under which a known product keeps one of these ids.

        Most guesses are wrong; a narrow ACL would refuse and log each, while a scan names keys to everybody.
        """
        return None if self.link.address.narrow else await self._exactly(guesses(ids))

    async def scan(self, ids: Sequence[str]) -> RedisSpot | None:
        """The likeliest key that contains one of these ids.

        Raises:
            Unavailable: none was found among those that could be looked at.
        """
        found = await asyncio.gather(*(self._matching(link, text) for link in self.fleet.links for text in ids))
        spots = [spot for some in found for spot in some if not _helper(spot.key)]
        if not spots and self.fleet.gaps:
            raise Unavailable(self.fleet.blind)
        return min(spots, key=lambda spot: (session_layout(spot.key) is None, len(spot.key)), default=None)

    async def traffic(self) -> Traffic | None:
        """What the server counts; a look at a key counts, this does not."""
        each = [await _traffic(link) for link in self.fleet.links]
        known = [one for one in each if one]
        if len(known) < len(each):
            return None
        return Traffic(
            hits=sum(one.hits for one in known),
            misses=sum(one.misses for one in known),
            evicted=sum(one.evicted for one in known),
            expired=sum(one.expired for one in known),
        )

    async def _exactly(self, keys: Sequence[tuple[bytes, str]]) -> RedisSpot | None:
        """The first of these keys that exists; one that may not be asked about will show in the scan."""
        held: dict[Link, list[tuple[bytes, str]]] = defaultdict(list)
        for key, prefix in keys:
            if link := self.fleet.holder(key):
                held[link].append((key, prefix))
        for link, some in held.items():
            replies = await link.ask(*(("PTTL", key) for key, _ in some))
            for (key, prefix), reply in zip(some, replies, strict=True):
                if isinstance(reply, int) and reply != _GONE:
                    return RedisSpot(self, link, key, prefix)
        return None

    async def _matching(self, link: Link, text: str) -> list[RedisSpot]:
        """Keys that contain the text; the scan goes on to its end, because helper keys contain it, too."""
        clock = asyncio.get_running_loop().time
        octets = text.encode("utf-8", "surrogateescape")
        end, cursor, found = clock() + _SECONDS_EACH, b"0", []
        for _ in range(min(_SCANS_EACH, self.budget.scans)):
            self.budget.scans -= 1
            cursor, keys = await link.scan(cursor, match=b"*" + escaped(text) + b"*")
            found += [key for key in keys if octets in key]
            if cursor == b"0" or any(not _helper(key) for key in found) or clock() > end:
                break
            await asyncio.sleep(_REST_S)
        if cursor != b"0" and not found:
            raise Unavailable(f"{self.label} has more keys than can be searched")
        return [RedisSpot(self, link, key, text_of(key).partition(text)[0]) for key in found]


@dataclass(slots=True)
class _Hall:
    """The shelves of all servers. One server may be declared under several names; it is searched once."""

    stack: AsyncExitStack
    budget: _Budget = field(default_factory=_Budget)
    shelves: dict[tuple[str, int], RedisShelf] = field(default_factory=dict)
    blind: str = ""

    async def open(self, source: Source, ctx: Context) -> tuple[RedisShelf, str, list[int]]:
        """The database that the source names, the server's run id, and its databases that have keys."""
        fleet = await self.stack.enter_async_context(open_all(source.urls, ctx.vault))
        shelf = RedisShelf(source.store, fleet, self.budget)
        run_id, databases = (fleet.home, []) if fleet.cluster else await _server(fleet.link)
        self.shelves.setdefault((run_id or fleet.home, fleet.link.address.database), shelf)
        self.blind = self.blind or fleet.blind
        return shelf, run_id, databases

    async def open_other(self, shelf: RedisShelf, run_id: str, database: int) -> None:
        """Another database of the same server."""
        name = (run_id or shelf.link.place, database)
        if name in self.shelves:
            return
        if "SELECT" in shelf.link.refused:
            self.blind = self.blind or f"{shelf.link.place}: its user may look at database 0 only: give it +select"
            return
        try:
            link = await open_link(replace(shelf.link.address, database=database))
        except RedisTrouble as trouble:
            self.blind = trouble.reason
            shelf.link.refused.add("SELECT")
            return
        self.stack.push_async_callback(link.aclose)
        self.shelves[name] = RedisShelf(shelf.store, alone(link), self.budget)


async def shelves(sources: Sequence[Source], ctx: Context, stack: AsyncExitStack) -> Opened:
    """Every database with keys of these servers; those that the URLs name come first.

    Raises:
        Unavailable: not one can be searched.
    """
    hall = _Hall(stack)
    opened: list[tuple[RedisShelf, str, list[int]]] = []
    problem: Unavailable | None = None
    for source in sources:
        try:
            opened.append(await hall.open(source, ctx))
        except Unavailable as trouble:
            problem, hall.blind = problem or trouble, trouble.reason
    if not hall.shelves:
        raise problem or Unavailable("no Redis store is declared")
    for shelf, run_id, databases in opened:
        for number in databases:
            await hall.open_other(shelf, run_id, number)
    return Opened(tuple(hall.shelves.values()), hall.blind)


async def _traffic(link: Link) -> Traffic | None:
    """What one server counts."""
    (reply,) = await link.ask(("INFO", "stats"))
    found = re.findall(rb"^(keyspace_hits|keyspace_misses|evicted_keys|expired_keys):(\d{1,18})\r?$",
                       reply if isinstance(reply, bytes) else b"", re.MULTILINE)  # fmt: skip
    counted = {name: int(digits) for name, digits in found}
    if b"keyspace_misses" not in counted:
        return None
    return Traffic(*(counted.get(name, 0) for name in _COUNTERS))


def _helper(key: bytes) -> bool:
    layout = session_layout(key)
    return bool(layout and layout.helper)


async def _server(link: Link) -> tuple[str, list[int]]:
    """The server's run id and the numbers of the databases that have keys; nothing where INFO may not be asked."""
    replies = await link.ask(("INFO", "server"), ("INFO", "keyspace"))
    text = "\n".join(reply.decode("utf-8", "replace") for reply in replies if isinstance(reply, bytes))
    run_id = re.search(r"^run_id:(\w{1,64})\r?$", text, re.MULTILINE)
    databases = re.findall(r"^db([0-9]{1,5}):", text, re.MULTILINE)
    return run_id[1] if run_id else "", [int(number) for number in databases[:_MOST_DATABASES]]
