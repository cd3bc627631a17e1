"""Where the probe's own sessions are stored: made on each node, searched in each Redis store, then watched.

Each session is read once more on its own node (does that prolong its life?) and once on others (does one of them
delete it?).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.located import Located, LocatedSession
from sessiondoctor.formats.encoded import unescaped
from sessiondoctor.formats.jar import Jar, RawJar
from sessiondoctor.formats.session_cookie import recognise_session, store_ids
from sessiondoctor.probes.client import Budget, Client, Door, node_door, site_door
from sessiondoctor.probes.contract import Absent, Context, Probe
from sessiondoctor.probes.key_search import MOST_SCANS, Search, Spot, patterns, sources
from sessiondoctor.probes.naming import Namer
from sessiondoctor.probes.recipe import Recipe, answers_of, look, make, recipe_of
from sessiondoctor.probes.recognise import Roles, roles_of, session_token
from sessiondoctor.probes.redis_address import places
from sessiondoctor.probes.store_keys import text_of
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.message import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.probes.client import Answer
    from sessiondoctor.probes.contract import Options
    from sessiondoctor.topology.model import Node, Topology

_PAUSE_S = 1.6
_MOST_NODES = 12
_MOST_PAIRS = 12
_SITE_SESSIONS = 3  # where only the balancer can be asked: enough to meet more than one node
_COMMANDS_EACH = 300  # of one session: some twenty likely keys in up to 16 databases
_TIMEOUT_S = 60.0
_LAST_SECOND = 1.0  # a key that has no longer to live may expire by itself


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a session is made, and the nodes that read it afterwards. `node` is empty for the public entry."""

    node: str
    door: Door
    others: tuple[tuple[str, Door], ...] = ()


@dataclass(slots=True)
class _Session:
    """A throw-away session of ours. `ids` are what its key may hold; none if the cookie does not tell."""

    way: _Way
    node: str
    client: Client
    wrote_at: float
    token: str = ""
    ids: tuple[str, ...] = ()
    why_hidden: str = ""
    spots: list[Spot] = field(default_factory=list)


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe over nodes and stores."""
    stores = sources(topology)
    if not stores:
        hint = "declare the session store: stores[].name, kind: redis, url"
        yield Absent(Located, "site", "no Redis store is declared", hint)
        return
    ways = _ways(topology)
    peers = [place for source in stores for place in places(source.urls)]
    yield Probe(
        evidence=Located,
        subject="site",
        describe=f"where in the store {len(ways)} sessions of ours are",
        contacts={**_requests(topology, ways), **dict.fromkeys(peers, MOST_SCANS + _COMMANDS_EACH * len(ways))},
        ask=locate,
        timeout_s=_TIMEOUT_S,
    )


def _ways(topology: Topology) -> tuple[_Way, ...]:
    """Each node directly; without any, the public entry a few times."""
    nodes = _nodes(topology)
    if not nodes:
        return (_Way("", site_door(topology)),) * _SITE_SESSIONS
    doors = [(node.name, node_door(topology, node)) for node in nodes]
    others = min(len(nodes) - 1, max(1, _MOST_PAIRS // len(nodes)))
    around = [(*doors[n + 1 :], *doors[:n])[:others] for n in range(len(nodes))]
    return tuple(_Way(name, door, rest) for (name, door), rest in zip(doors, around, strict=True))


def _nodes(topology: Topology) -> tuple[Node, ...]:
    """The nodes that can be asked, of the service that has most of them."""
    nodes = [node for node in topology.nodes if node.url]
    largest = Counter(node.service for node in nodes).most_common(1)
    return tuple(node for node in nodes if node.service == largest[0][0])[:_MOST_NODES]


def _requests(topology: Topology, ways: tuple[_Way, ...]) -> dict[str, int]:
    """host:port -> the most requests, redirects included."""
    recipe, each = recipe_of(topology.site.flow), Limits().redirects + 1
    total: Counter[str] = Counter()
    for way in ways:
        total[_authority(way.door)] += (recipe.make_requests + recipe.look_requests) * each
        for _, other in way.others:
            total[_authority(other)] += recipe.look_requests * each
    return dict(total)


def _authority(door: Door) -> str:
    return split_url(door.base).origin.authority


async def locate(ctx: Context, pause_s: float = _PAUSE_S) -> Located:
    """The sessions and their keys.

    Raises:
        Unavailable: no session can be made, or no store can be searched.
    """
    maker = _Maker(ctx, recipe_of(ctx.topology.site.flow))
    made = await asyncio.gather(*(maker.session(way) for way in _ways(ctx.topology)))
    sessions = [session for session in made if isinstance(session, _Session)]
    if not sessions:
        reason = next(trouble for trouble in made if isinstance(trouble, str))
        raise Unavailable(f"no session could be made: {reason}", hint="check site.flow and the urls of the nodes")
    known = [session for session in sessions if session.ids]
    if not known:
        return Located((), (), searchable=False, why_not=sessions[0].why_hidden)
    async with AsyncExitStack() as stack:
        search = Search(patterns(ctx.topology))
        await search.open(sources(ctx.topology), ctx.vault, stack)
        certain = await _search(search, known, ctx)
        located = await asyncio.gather(*(maker.watch(session, pause_s) for session in certain))
    searched = tuple(shelf.label for shelf in search.shelves)
    return Located(tuple(located), searched, searchable=bool(certain), why_not=search.blind)


async def _search(search: Search, sessions: list[_Session], ctx: Context) -> list[_Session]:
    """Finds the keys; leaves out the sessions of which nothing can be said."""
    for session in sessions:
        session.spots = await search.find(session.ids)
        for spot in session.spots:
            ctx.vault.hide(text_of(spot.key))
    # What is not found, where not everything could be searched, may be there all the same.
    return [session for session in sessions if session.spots or not search.blind]


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes and reads sessions by the site's recipe."""

    ctx: Context
    recipe: Recipe

    async def session(self, way: _Way) -> _Session | str:
        """A new session, or why there is none."""
        client = self._client(way.door, RawJar())
        try:
            results = await make(client, self.recipe)
        except Unavailable as trouble:
            return trouble.reason
        if not results[-1].ok:
            return results[-1].trouble
        return self._session(way, client, answers_of(results))

    def _session(self, way: _Way, client: Client, answers: tuple[Answer, ...]) -> _Session:
        topology, vault = self.ctx.topology, self.ctx.vault
        roles = roles_of(answers, topology)
        value = roles.session_in(answers[-1].held)
        node = way.node or Namer(topology, roles, answers).name(answers[-1])[0] or "site"
        session = _Session(way, node, client, _now(), session_token(roles, value, vault), _ids(roles, value))
        for text in session.ids:
            vault.hide(text)
        session.why_hidden = "" if session.ids else _why_hidden(roles, value)
        return session

    async def watch(self, session: _Session, pause_s: float) -> LocatedSession:
        """Reads a session that was found again, after a pause and on other nodes."""
        if not session.spots:
            return LocatedSession(session.node, session.token, ())
        first = [_at_write(life, session) for life in await _lives(session)]
        found = [await spot.place() for spot in session.spots]
        await asyncio.sleep(max(0.0, session.wrote_at + pause_s - _now()))
        answered = await self._look(session.client)
        second = await _lives(session)
        paused = round(_now() - session.wrote_at, 2)
        watched = [
            replace(place, ttl_s=before, ttl_after_read_s=after if answered else None, paused_s=paused)
            for place, before, after in zip(found, first, second, strict=True)
        ]
        return LocatedSession(session.node, session.token, tuple(watched), await self._gone(session))

    async def _gone(self, session: _Session) -> tuple[str, ...]:
        """The other node after whose read the key no longer exists; those after it have nothing left to delete."""
        jar = session.client.jar
        for name, door in session.way.others:
            if not await _is_there(session):
                break
            answered = await self._look(self._client(door, jar.copy(), session.client.marker))
            if answered and not any(life is not None for life in await _lives(session)):
                return (name,)
        return ()

    async def _look(self, client: Client) -> bool:
        """Whether there was a response to a read."""
        try:
            return bool(answers_of(await look(client, self.recipe)))
        except Unavailable:
            return False

    def _client(self, door: Door, jar: Jar, marker: str = "") -> Client:
        """Each client has a budget of its own: it makes one session and looks once."""
        requests = (self.recipe.make_requests + self.recipe.look_requests) * (Limits().redirects + 1)
        return Client(self.ctx.wire, door, Budget(requests, _TIMEOUT_S), self.ctx.vault, jar=jar, marker=marker)


def _ids(roles: Roles, value: str) -> tuple[str, ...]:
    """What the key may hold; of a cookie that only its declared name makes a session cookie, the value itself."""
    if not value:
        return ()
    return store_ids(roles.session, value) if recognise_session(roles.session, value) else (unescaped(value),)


def _why_hidden(roles: Roles, value: str) -> str:
    if not value:
        return "no session cookie was set"
    if roles.made_by.holds_state:
        return f"the state itself is in the cookie {roles.session}"
    return f"the cookie {roles.session} is encrypted and does not tell the key"


def _at_write(ttl_s: float | None, session: _Session) -> float | None:
    """A time to live that is read now, as it was when the session was written."""
    if ttl_s is None or ttl_s < 0:
        return ttl_s
    return round(ttl_s + _now() - session.wrote_at, 3)


async def _is_there(session: _Session) -> bool:
    """Whether each key exists, and not just for a moment."""
    return all(life is not None and (life < 0 or life > _LAST_SECOND) for life in await _lives(session))


async def _lives(session: _Session) -> list[float | None]:
    return [await spot.ttl_s() for spot in session.spots]


def _now() -> float:
    return asyncio.get_running_loop().time()
