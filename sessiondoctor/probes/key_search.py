"""Where in the declared Redis stores the key of a session is: by known layouts first, then by a bounded SCAN."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.located import Place
from sessiondoctor.probes.redis_client import Link, connect, open_link
from sessiondoctor.probes.redis_refusal import RedisTrouble
from sessiondoctor.probes.redis_value import SMALL, encodings_of
from sessiondoctor.probes.store_keys import escaped, prefix_of, printable, session_layout, text_of
from sessiondoctor.topology.scalars import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from contextlib import AsyncExitStack

    from sessiondoctor.redact import Vault
    from sessiondoctor.topology.model import Topology

MOST_SCANS = 1000
"""SCAN commands of one search, for all sessions together."""

_SCANS_EACH = 200  # of 1000 keys, for one id in one database
_SECONDS_EACH = 2.0
_SECONDS = 8.0
_MOST_DATABASES = 16
_SHORTEST_ID = 8  # shorter texts occur in other keys by chance
_REST_S = 0.001
_GONE = -2  # PTTL of a key that does not exist; -1 is no expiry

# What frameworks put before the id unless they are told otherwise; see formats.session_value.
_PREFIXES = (
    "sess:", "spring:session:sessions:", "session:", ":1:django.contrib.sessions.cache",
    ":1:django.contrib.sessions.cached_db", "PHPREDIS_SESSION:", "redisson:tomcat_session:", "_session_id:", "",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """A store as it is declared, or as a node is told it."""

    store: str
    urls: tuple[Secret, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """One database of one server."""

    store: str
    link: Link

    @property
    def label(self) -> str:
        """host:port/database."""
        return f"{self.link.place}/{self.link.address.database}"


@dataclass(frozen=True, slots=True)
class Spot:
    """A key that holds a session. `prefix` is what stands before the id."""

    shelf: Shelf
    key: bytes = field(repr=False)
    prefix: str

    async def ttl_s(self) -> float | None:
        """Seconds to live: -1 without expiry, None if the key is gone or may not be asked about."""
        (ttl,) = await self.shelf.link.ask(("PTTL", self.key))
        if not isinstance(ttl, int) or ttl == _GONE:
            return None
        return ttl / 1000 if ttl >= 0 else -1.0

    async def place(self) -> Place:
        """All there is to say of the key but its time to live."""
        link = self.shelf.link
        kind, size = await link.ask(("TYPE", self.key), ("MEMORY", "USAGE", self.key))
        name = kind.decode("ascii", "replace") if isinstance(kind, bytes) else ""
        bounded = name == "string" or (isinstance(size, int) and size <= SMALL)
        encodings = await encodings_of(link, [(self.key, name)] if bounded else [])
        layout = session_layout(self.key)
        return Place(
            store=self.shelf.store,
            endpoint=link.place,
            database=link.address.database,
            prefix=printable(self.prefix),
            layout=layout.product if layout else "unknown",
            encoding=next(iter(encodings), ""),
            ttl_s=None,
            size_bytes=size if isinstance(size, int) else None,
        )


def sources(topology: Topology) -> tuple[Source, ...]:
    """The declared Redis stores, then what nodes are told instead."""
    stores = [Source(store.name, store.url) for store in topology.stores if store.kind == "redis" and store.url]
    told = {node.store_url.reveal(): node for node in reversed(topology.nodes) if _is_redis(node.store_url)}
    return (*stores, *(Source(node.store or node.name, (node.store_url,)) for node in told.values()))


def patterns(topology: Topology) -> tuple[str, ...]:
    """Every declared pattern of session keys."""
    declared = [*(store.keys for store in topology.stores), *(node.keys for node in topology.nodes)]
    return tuple(dict.fromkeys(pattern for pattern in declared if pattern))


def _is_redis(url: Secret) -> bool:
    return url.reveal().lower().startswith(("redis", "unix:"))


@dataclass(slots=True)
class Search:
    """The databases that can be searched.

    Attributes:
        patterns: the declared patterns of session keys.
        shelves: those that the URLs name come first.
        blind: why not everything could be searched; while it is empty, a session that is not found is nowhere.
        scans: how many SCAN commands are left.
    """

    patterns: tuple[str, ...]
    shelves: list[Shelf] = field(default_factory=list)
    blind: str = ""
    scans: int = MOST_SCANS
    _servers: dict[tuple[str, int], Shelf] = field(default_factory=dict)

    async def open(self, stores: Sequence[Source], vault: Vault, stack: AsyncExitStack) -> None:
        """Connects to the stores; the stack closes the connections.

        Raises:
            Unavailable: not one can be searched.
        """
        others: list[tuple[Shelf, str, int]] = []
        problem: Unavailable | None = None
        for source in stores:
            try:
                shelf = Shelf(source.store, await stack.enter_async_context(connect(source.urls, vault)))
                run_id, databases = await _server(shelf.link)
            except Unavailable as trouble:
                problem, self.blind = problem or trouble, trouble.reason
                continue
            self._put(shelf, run_id)
            others += [(shelf, run_id, number) for number in databases]
        if not self.shelves:
            raise problem or Unavailable("no Redis store is declared")
        for shelf, run_id, number in others:
            await self._open_other(shelf, run_id, number, stack)

    async def find(self, ids: Sequence[str]) -> list[Spot]:
        """Every key that holds the session with one of these ids, at most one a database."""
        # Declared patterns alone at first: an ACL may allow no other keys, and log each that is asked for.
        for keys in (list(_declared(ids, self.patterns)), list(_known(ids))):
            spots = [spot for shelf in self.shelves if (spot := await _exactly(shelf, keys))]
            if spots:
                return spots
        texts = [text for text in ids if len(text) >= _SHORTEST_ID]
        if not texts:
            self.blind = "the session id is too short to be searched for"
        return [spot for shelf in self.shelves if (spot := await self._by_scan(shelf, texts))]

    def _put(self, shelf: Shelf, run_id: str) -> None:
        """One server may be declared under several names; its databases are searched once."""
        key = (run_id or shelf.link.place, shelf.link.address.database)
        if self._servers.setdefault(key, shelf) is shelf:
            self.shelves.append(shelf)

    async def _open_other(self, shelf: Shelf, run_id: str, database: int, stack: AsyncExitStack) -> None:
        if (run_id or shelf.link.place, database) in self._servers or "SELECT" in shelf.link.refused:
            return
        try:
            link = await open_link(replace(shelf.link.address, database=database))
        except RedisTrouble as trouble:
            self.blind = trouble.reason
            shelf.link.refused.add("SELECT")
            return
        stack.push_async_callback(link.aclose)
        self._put(Shelf(shelf.store, link), run_id)

    async def _by_scan(self, shelf: Shelf, ids: Sequence[str]) -> Spot | None:
        matches = [(key, text) for text in ids for key in await self._matching(shelf, text)]
        spots = [_spot(shelf, key, text) for key, text in matches if not _helper(key)]
        return min(spots, key=lambda spot: (session_layout(spot.key) is None, len(spot.key)), default=None)

    async def _matching(self, shelf: Shelf, text: str) -> list[bytes]:
        """Keys that contain the text; the scan goes on to its end, because helper keys contain it, too."""
        clock = asyncio.get_running_loop().time
        end, cursor, found = clock() + _SECONDS_EACH, b"0", []
        for _ in range(min(_SCANS_EACH, self.scans)):
            self.scans -= 1
            cursor, keys = await shelf.link.scan(cursor, match=b"*" + escaped(text) + b"*")
            found += [key for key in keys if _octets(text) in key]
            if cursor == b"0" or any(not _helper(key) for key in found) or clock() > end:
                break
            await asyncio.sleep(_REST_S)
        if cursor != b"0" and not found:
            self.blind = f"{shelf.label} has more keys than can be searched"
        return found


async def _exactly(shelf: Shelf, keys: list[tuple[bytes, str]]) -> Spot | None:
    """The first of these keys that exists; one that may not be asked about will show in the scan, which lists all."""
    replies = await shelf.link.ask(*(("PTTL", key) for key, _ in keys)) if keys else []
    for (key, prefix), reply in zip(keys, replies, strict=True):
        if isinstance(reply, int) and reply != _GONE:
            return Spot(shelf, key, prefix)
    return None


def _declared(ids: Sequence[str], declared: Sequence[str]) -> Iterator[tuple[bytes, str]]:
    """Keys of the declared patterns that hold these ids, and their prefixes."""
    for pattern in declared:
        prefix = prefix_of(pattern)
        simple = re.fullmatch(r"[^*?\[\\]*\*([^*?\[\\]*)", pattern)
        for text in ids:
            yield _octets(prefix + text + (simple[1] if simple else "")), prefix


def _known(ids: Sequence[str]) -> Iterator[tuple[bytes, str]]:
    """Keys under which known products keep these ids, and their prefixes."""
    for prefix in _PREFIXES:
        for text in ids:
            yield _octets(prefix + text), prefix


def _spot(shelf: Shelf, key: bytes, text: str) -> Spot:
    return Spot(shelf, key, text_of(key).partition(text)[0])


def _helper(key: bytes) -> bool:
    layout = session_layout(key)
    return bool(layout and layout.helper)


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


async def _server(link: Link) -> tuple[str, list[int]]:
    """The server's run id and the numbers of the databases that have keys; nothing where INFO may not be asked."""
    replies = await link.ask(("INFO", "server"), ("INFO", "keyspace"))
    text = "\n".join(reply.decode("utf-8", "replace") for reply in replies if isinstance(reply, bytes))
    run_id = re.search(r"^run_id:(\w{1,64})\r?$", text, re.MULTILINE)
    databases = re.findall(r"^db([0-9]{1,5}):", text, re.MULTILINE)
    return run_id[1] if run_id else "", [int(number) for number in databases[:_MOST_DATABASES]]
