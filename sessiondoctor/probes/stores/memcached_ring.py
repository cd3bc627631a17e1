"""How the nodes spread sessions over a memcached ring: written on one node, then, with the same cookie, on the others.

A write changes the `cas` number of an item, so that the servers tell which of them a node has written to.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.context import Context
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.evidence.stores.memcached_ring import Ring, RingTry
from sessiondoctor.formats.jar import RawJar
from sessiondoctor.probes.browser.accounts import Accounts
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.recipe import recipe_of
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.probes.responses.session_ids import ids_of
from sessiondoctor.stores.contract import Source
from sessiondoctor.stores.declared import sources
from sessiondoctor.stores.keys import patterns
from sessiondoctor.stores.memcached.client import HANDSHAKE
from sessiondoctor.stores.memcached.keyspace import MOST_DUMPS, MemcachedKeyspace, MemcachedSpot, homes, keyspaces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Options
    from sessiondoctor.evidence.stores.memcached_ring import Outcome
    from sessiondoctor.probes.browser.results import FlowResult
    from sessiondoctor.topology.model import Node, Topology

_MAKERS = 2  # with two, the odd one out can be named among three
# A server that one node of several leaves out is missed by a third of the keys or more, if there are three: with
# twelve sessions that shows 99 times in 100.
_SESSIONS = 6
_MOST_NODES = 8
_KEYS_ASKED = 60
_SHORTEST_ID = 8
_TIMEOUT_S = 60.0


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe a ring."""
    rings, nodes = _rings(topology), asked(topology)[:_MOST_NODES]
    if not rings:
        hint = "declare all its servers, in order: stores[].url: [memcached://a:11211, memcached://b:11211]"
        yield Absent(Ring, "site", "no memcached store of several servers is declared", hint)
    elif len(nodes) < 2 or not topology.site.flow.write:
        hint = "declare nodes[].url of two nodes, and site.flow.write"
        yield Absent(Ring, "site", "two nodes that write into a session are needed", hint)
    else:
        for store, ring in rings.items():
            yield Probe(
                evidence=Ring,
                subject=store,
                describe=f"whether the nodes map sessions to the same of {len(ring.places)} servers",
                contacts={**_requests(topology, nodes), **dict.fromkeys(ring.places, _commands(len(nodes)))},
                ask=partial(look, store, ring),
                needs=(Rehearsal,),
                timeout_s=_TIMEOUT_S,
            )


@dataclass(frozen=True, slots=True)
class _Servers:
    """The servers of one ring, and where they are declared."""

    places: tuple[str, ...]
    sources: tuple[Source, ...]


def _rings(topology: Topology) -> dict[str, _Servers]:
    """Rings of several servers by the name of their store; what cannot be read is said by other probes."""
    declared = tuple(source for source in sources(topology) if source.kind == "memcached")
    try:
        by_home: dict[tuple[str, str], list[str]] = {}
        for address, named in homes(declared).items():
            by_home.setdefault(named, []).append(address.place)
    except Unavailable:
        return {}
    return {store: _Servers(tuple(ring), declared) for (store, _), ring in by_home.items() if len(ring) >= 2}


def _requests(topology: Topology, nodes: Sequence[Node]) -> dict[str, int]:
    """host:port -> the most requests, redirects included."""
    flow, makers = topology.site.flow, min(_MAKERS, len(nodes))
    total: Counter[str] = Counter()
    for number, node in enumerate(nodes):
        to = target(node)
        makes = _SESSIONS if number < makers else 0
        writes = _SESSIONS * (makers - (number < makers))
        steps = makes * len(flow.write) + writes * len(flow.write)
        total[to.authority] += steps * (to.redirects + 1)
    return dict(total)


def _commands(nodes: int) -> int:
    """The most that one server is asked."""
    return HANDSHAKE + 2 + 5 * MOST_DUMPS + _MAKERS * _SESSIONS * (_KEYS_ASKED + 2 * nodes)


async def look(store: str, ring: _Servers, ctx: Context) -> Ring:
    """Where the nodes' writes go.

    Raises:
        Unavailable: no session can be made, or no server can be asked.
    """
    nodes = asked(ctx.topology)[:_MOST_NODES]
    async with AsyncExitStack() as stack:
        opened = await keyspaces(ring.sources, ctx, stack)
        shelved = (keyspace for keyspace in opened.keyspaces if isinstance(keyspace, MemcachedKeyspace))
        mine = tuple(keyspace for keyspace in shelved if keyspace.label in ring.places)
        tester = _Tester(ctx, Reader(ctx.topology, ctx.redactor), mine)
        pairs = [(maker, [node for node in nodes if node is not maker]) for maker in nodes[:_MAKERS]]
        found = await asyncio.gather(
            *(tester.session(maker, others) for maker, others in pairs for _ in range(_SESSIONS))
        )
    tries = tuple(one for some in found for one in some)
    why = opened.blind or ("" if tries else tester.trouble or "no session of this scan was found on the servers")
    return Ring(store, ring.places, tries, why)


@dataclass(frozen=True, slots=True)
class _Held:
    """A session of ours that servers hold."""

    token: str
    ids: tuple[str, ...]
    key: bytes = field(repr=False)


@dataclass(slots=True)
class _Tester:
    """Writes sessions on one node and then on others.

    Attributes:
        trouble: why a session could not be made.
        prefixes: of keys, where only a search has found one.
    """

    ctx: Context
    reader: Reader
    keyspaces: Sequence[MemcachedKeyspace]
    trouble: str = ""
    prefixes: tuple[str, ...] = ()
    searching: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def session(self, maker: Node, others: Sequence[Node]) -> list[RingTry]:
        """One session, written on `maker` and then on each of the others."""
        client = Client.of(self.ctx, target(maker), RawJar())
        turn = await Accounts.of(self.ctx).begin(client, recipe_of(self.ctx.topology.site.flow), maker.name)
        if turn.trouble or turn.response is None:
            self.trouble = turn.trouble
            return []
        held = await self._held(turn)
        if held is None:
            return []
        home = tuple(await self._numbers(held.key))
        return [await self._try(maker, node, client, held, home) for node in others]

    async def _try(self, maker: Node, node: Node, client: Client, held: _Held, home: tuple[str, ...]) -> RingTry:
        before = await self._numbers(held.key)
        other = client.with_jar(client.jar.copy()).at(target(node))
        turn = await other.steps(self.ctx.topology.site.flow.write)
        after = await self._numbers(held.key)
        written = tuple(place for place, number in after.items() if before.get(place) != number)
        outcome: Outcome = "unseen"
        if written:
            outcome = "same" if set(written) <= set(home) else "elsewhere"
        elif self._ids(turn)[1] not in {(), held.ids}:
            outcome = "new"
        return RingTry(maker.name, node.name, held.token, home, outcome, written)

    async def _held(self, turn: FlowResult) -> _Held | None:
        """The session that a turn began, if a server has it."""
        token, ids = self._ids(turn)
        for text in ids:
            self.ctx.redactor.hide(text)
        async with self.searching:
            stored = await self._find(ids) if ids else None
        if stored is None:
            return None
        self.ctx.redactor.hide(stored.secret)
        return _Held(token, ids, stored.key)

    async def _find(self, ids: tuple[str, ...]) -> MemcachedSpot | None:
        """By the prefix that was found before, the declared patterns and known layouts; then by a search."""
        declared = patterns(self.ctx.topology)
        for keyspace in self.keyspaces:
            stored = await keyspace.under(ids, self.prefixes) or await keyspace.declared(ids, declared)
            if stored := stored or await keyspace.known(ids):
                return stored
        if self.prefixes or len(max(ids, key=len)) < _SHORTEST_ID:
            return None
        for keyspace in self.keyspaces:
            if stored := await keyspace.scan([text for text in ids if len(text) >= _SHORTEST_ID]):
                self.prefixes = (stored.prefix,)
                return stored
        return None

    async def _numbers(self, key: bytes) -> dict[str, int]:
        """The servers that have a key, with the number of its last write there."""
        items = [(keyspace.label, await keyspace.link.about(key)) for keyspace in self.keyspaces]
        return {place: item.cas for place, item in items if item}

    def _ids(self, turn: FlowResult) -> tuple[str, tuple[str, ...]]:
        """The token of the newest session cookie that was set, and what its key may hold."""
        for setting in reversed(turn.settings):
            cookie = self.reader.cookie(setting, setting.url)
            if cookie and cookie.role == "session" and setting.cookie.value and not setting.cookie.ignored:
                return cookie.token, ids_of(setting.cookie)
        return "", ()
