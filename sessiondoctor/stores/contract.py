"""What the folder of a kind of store offers, and how to come by it."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, cast, runtime_checkable

from sessiondoctor.topology.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AsyncExitStack

    from sessiondoctor.context import Context
    from sessiondoctor.evidence.stores.census import Census
    from sessiondoctor.evidence.stores.located import Place
    from sessiondoctor.evidence.stores.store_reach import StoreReach
    from sessiondoctor.topology.model import Store

_FOLDERS: Final = {"redis": "redis", "memcached": "memcached", "sql": "sql", "files": "files"}


@dataclass(frozen=True, slots=True)
class Source:
    """A store as it is declared, or as a node is told it.

    Attributes:
        store: the name that the report calls it by.
        table: of a SQL store; empty if it must be found.
    """

    store: str
    kind: str
    urls: tuple[Secret, ...]
    table: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """The most commands or queries that one question sends to each peer of a store.

    Attributes:
        reach: to see whether it answers.
        census: to count the sessions.
        search: to look for any number of sessions, plus `each` for one.
    """

    reach: int
    census: int
    search: int
    each: int


class StoredSession(Protocol):
    """One key, row or file that holds a session of ours."""

    @property
    def secret(self) -> str:
        """What it is called there: never to be shown."""

    async def ttl_s(self) -> float | None:
        """Seconds to live: -1 without expiry, None if it is gone or may not be asked about."""

    async def place(self) -> Place:
        """All there is to say of it but its time to live."""


@runtime_checkable
class TellsUse(Protocol):
    """A spot that also tells when it was last used; kinds that cannot leave the method out."""

    async def idle_s(self) -> float | None:
        """Whole seconds since it was last read or written, and this question is no use; None if that is not told."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a store has counted since it started: lookups that found a key, or none, and keys that it gave up."""

    hits: int
    misses: int
    evicted: int = 0
    expired: int = 0


@runtime_checkable
class CountsTraffic(Protocol):
    """A keyspace whose server counts; kinds that do not leave these out."""

    @property
    def server(self) -> str:
        """Whose counters these are; several keyspaces may have them in common."""

    async def traffic(self) -> Traffic | None:
        """The counters of the whole server, our own lookups among them; None if they may not be asked."""


class Keyspace(Protocol):
    """What is searched at once: a database of a Redis, a memcached, a table, a folder."""

    @property
    def label(self) -> str:
        """What messages call it, such as host:port/database."""

    async def declared(self, ids: Sequence[str], patterns: Sequence[str]) -> StoredSession | None:
        """Where a session with one of these ids is by the declared patterns of keys."""

    async def known(self, ids: Sequence[str]) -> StoredSession | None:
        """Where it is by the layouts of known products."""

    async def scan(self, ids: Sequence[str]) -> StoredSession | None:
        """Where it is under a name that contains the id.

        Raises:
            Unavailable: it was not found, and not everything could be looked at.
        """


@dataclass(frozen=True, slots=True)
class Keyspaces:
    """Keyspaces that can be searched; `blind`: why others cannot, empty if there are none."""

    keyspaces: tuple[Keyspace, ...]
    blind: str = ""


class Kind(Protocol):
    """The folder of one kind of store."""

    COST: Cost

    def places(self, urls: tuple[Secret, ...]) -> tuple[str, ...]:
        """What messages call the peers that these URLs lead to: host:port, a path."""

    async def reach(self, store: Store, ctx: Context) -> StoreReach:
        """Whether the store lets us in. A refusal is an observation.

        Raises:
            Unavailable: it is a store that cannot be asked from here.
        """

    async def census(self, store: Store, ctx: Context) -> Census:
        """Counts the sessions.

        Raises:
            Unavailable: it does not answer, or may not be asked.
        """

    async def keyspaces(self, sources: Sequence[Source], ctx: Context, stack: AsyncExitStack) -> Keyspaces:
        """What of these stores, all of this kind, can be searched; the stack closes it.

        Raises:
            Unavailable: nothing can be searched.
        """


def kind_named(name: str) -> Kind | None:
    """The functions of a kind of store of the topology; None for one that cannot be looked at."""
    folder = _FOLDERS.get(name)
    return cast("Kind", importlib.import_module(f"sessiondoctor.stores.{folder}")) if folder else None


def peers(kind: str, urls: tuple[Secret, ...]) -> tuple[str, ...]:
    """What messages call the peers of a store."""
    known = kind_named(kind)
    return known.places(urls) if known else ()
