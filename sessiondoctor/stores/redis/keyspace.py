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
from sessiondoctor.stores.contract import Keyspaces, Traffic
from sessiondoctor.stores.keys import candidates, escaped, guesses, printable, session_layout, text_of
from sessiondoctor.stores.redis.client import Link, open_link
from sessiondoctor.stores.redis.primaries import Primaries, alone, open_all
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

    keyspace: RedisKeyspace
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
            store=self.keyspace.store,
            endpoint=link.place,
            home=self.keyspace.label,
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
class RedisKeyspace:
    """One database of one server, or a whole cluster."""

    store: str
    primaries: Primaries
    budget: _Budget

    @property
    def link(self) -> Link:
        """To the server, or to the first shard."""
        return self.primaries.link

    @property
    def label(self) -> str:
        """host:port/database, or the cluster."""
        return self.primaries.home if self.primaries.cluster else f"{self.link.place}/{self.link.address.database}"

    @property
    def server(self) -> str:
        """host:port, or the cluster."""
        return self.primaries.home

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
        found = await asyncio.gather(*(self._matching(link, text) for link in self.primaries.links for text in ids))
        stored_sessions = [stored for some in found for stored in some if not _helper(stored.key)]
        if not stored_sessions and self.primaries.gaps:
            raise Unavailable(self.primaries.blind)
        return min(
            stored_sessions, key=lambda stored: (session_layout(stored.key) is None, len(stored.key)), default=None
        )

    async def traffic(self) -> Traffic | None:
        """What the server counts; a look at a key counts, this does not."""
        each = [await _traffic(link) for link in self.primaries.links]
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
            if link := self.primaries.holder(key):
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
class _Opening:
    """The keyspaces of all servers. One server may be declared under several names; it is searched once."""

    stack: AsyncExitStack
    budget: _Budget = field(default_factory=_Budget)
    keyspaces: dict[tuple[str, int], RedisKeyspace] = field(default_factory=dict)
    blind: str = ""

    async def open(self, source: Source, ctx: Context) -> tuple[RedisKeyspace, str, list[int]]:
        """The database that the source names, the server's run id, and its databases that have keys."""
        primaries = await self.stack.enter_async_context(open_all(source.urls, ctx.redactor))
        keyspace = RedisKeyspace(source.store, primaries, self.budget)
        run_id, databases = (primaries.home, []) if primaries.cluster else await _server(primaries.link)
        self.keyspaces.setdefault((run_id or primaries.home, primaries.link.address.database), keyspace)
        self.blind = self.blind or primaries.blind
        return keyspace, run_id, databases

    async def open_other(self, keyspace: RedisKeyspace, run_id: str, database: int) -> None:
        """Another database of the same server."""
        name = (run_id or keyspace.link.place, database)
        if name in self.keyspaces:
            return
        if "SELECT" in keyspace.link.refused:
            self.blind = self.blind or f"{keyspace.link.place}: its user may look at database 0 only: give it +select"
            return
        try:
            link = await open_link(replace(keyspace.link.address, database=database))
        except RedisTrouble as trouble:
            self.blind = trouble.reason
            keyspace.link.refused.add("SELECT")
            return
        self.stack.push_async_callback(link.aclose)
        self.keyspaces[name] = RedisKeyspace(keyspace.store, alone(link), self.budget)


async def keyspaces(sources: Sequence[Source], ctx: Context, stack: AsyncExitStack) -> Keyspaces:
    """Every database with keys of these servers; those that the URLs name come first.

    Raises:
        Unavailable: not one can be searched.
    """
    opening = _Opening(stack)
    opened: list[tuple[RedisKeyspace, str, list[int]]] = []
    problem: Unavailable | None = None
    for source in sources:
        try:
            opened.append(await opening.open(source, ctx))
        except Unavailable as trouble:
            problem, opening.blind = problem or trouble, trouble.reason
    if not opening.keyspaces:
        raise problem or Unavailable("no Redis store is declared")
    for keyspace, run_id, databases in opened:
        for number in databases:
            await opening.open_other(keyspace, run_id, number)
    return Keyspaces(tuple(opening.keyspaces.values()), opening.blind)


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
