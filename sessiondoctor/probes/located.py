"""Where the probe's own sessions are stored: made on each node, searched in each store, then watched.

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
from sessiondoctor.formats.jar import RawJar
from sessiondoctor.formats.session_cookie import recognise_session
from sessiondoctor.formats.set_cookie import SetCookie, parse_set_cookie
from sessiondoctor.probes.client import Client, Target, Turn
from sessiondoctor.probes.contract import Absent, Context, Probe
from sessiondoctor.probes.naming import named
from sessiondoctor.probes.replay import asked, target
from sessiondoctor.probes.seen import Reader
from sessiondoctor.probes.session_ids import ids_of
from sessiondoctor.probes.visits import entry
from sessiondoctor.stores.contract import Spot, kind_named, peers
from sessiondoctor.stores.declared import sources
from sessiondoctor.stores.keys import patterns
from sessiondoctor.stores.search import Search

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.probes.contract import Options
    from sessiondoctor.stores.contract import Source
    from sessiondoctor.topology.model import Topology

_PAUSE_S = 1.6
_MOST_NODES = 12
_MOST_PAIRS = 12
_SITE_SESSIONS = 3  # where only the balancer can be asked: enough to meet more than one node
_TIMEOUT_S = 60.0
_LAST_SECOND = 1.0  # a key that has no longer to live may expire by itself


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a session is made, and the nodes that read it afterwards. `node` is empty for the public entry."""

    node: str
    target: Target
    others: tuple[tuple[str, Target], ...] = ()


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
        hint = "declare the session store: stores[].name, kind, url"
        yield Absent(Located, "site", "no store that can be searched is declared", hint)
        return
    ways = _ways(topology)
    yield Probe(
        evidence=Located,
        subject="site",
        describe=f"where in the store {len(ways)} sessions of ours are",
        contacts={**_requests(topology, ways), **_commands(stores, len(ways))},
        ask=locate,
        timeout_s=_TIMEOUT_S,
    )


def _ways(topology: Topology) -> tuple[_Way, ...]:
    """Each node directly; without any, the public entry a few times."""
    nodes = asked(topology)[:_MOST_NODES]
    if not nodes:
        return (_Way("", entry(topology)),) * _SITE_SESSIONS
    targets = [(node.name, target(node)) for node in nodes]
    others = min(len(nodes) - 1, max(1, _MOST_PAIRS // len(nodes)))
    around = [(*targets[n + 1 :], *targets[:n])[:others] for n in range(len(nodes))]
    return tuple(_Way(name, to, rest) for (name, to), rest in zip(targets, around, strict=True))


def _requests(topology: Topology, ways: tuple[_Way, ...]) -> dict[str, int]:
    """host:port -> the most requests, redirects included."""
    flow = topology.site.flow
    read = max(len(flow.read), 1)
    own = len(flow.login) + max(len(flow.write), 1) + read
    total: Counter[str] = Counter()
    for way in ways:
        total[way.target.authority] += own * (way.target.hops + 1)
        for _, other in way.others:
            total[other.authority] += read * (other.hops + 1)
    return dict(total)


def _commands(stores: Sequence[Source], sessions: int) -> dict[str, int]:
    """The most that goes to each peer of a store."""
    return {
        place: kind.COST.search + kind.COST.each * sessions
        for source in stores
        if (kind := kind_named(source.kind))
        for place in peers(source.kind, source.urls)
    }


async def locate(ctx: Context, pause_s: float = _PAUSE_S) -> Located:
    """The sessions and their keys.

    Raises:
        Unavailable: no session can be made, or no store can be searched.
    """
    maker = _Maker(ctx, Reader(ctx.topology, ctx.vault))
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
        await search.open(sources(ctx.topology), ctx, stack)
        certain = await _search(search, known, ctx)
        located = await asyncio.gather(*(maker.watch(session, pause_s) for session in certain))
    searched = tuple(shelf.label for shelf in search.shelves)
    return Located(tuple(located), searched, searchable=bool(certain), why_not=search.blind)


async def _search(search: Search, sessions: list[_Session], ctx: Context) -> list[_Session]:
    """Finds the keys; leaves out the sessions of which nothing can be said."""
    for session in sessions:
        session.spots = await search.find(session.ids)
        for spot in session.spots:
            ctx.vault.hide(spot.secret)
    # What is not found, where not everything could be searched, may be there all the same.
    return [session for session in sessions if session.spots or not search.blind]


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes and reads sessions by the site's recipe."""

    ctx: Context
    reader: Reader

    async def session(self, way: _Way) -> _Session | str:
        """A new session, or why there is none."""
        flow = self.ctx.topology.site.flow
        client = Client(self.ctx.wire, way.target, RawJar())
        turn = await client.steps((*flow.login, *flow.write))
        if turn.trouble or turn.response is None:
            return turn.trouble
        node = way.node or named(self.ctx.topology, self.reader.peers(), turn)[0] or "site"
        session = _Session(way, node, client, _now())
        self._identify(session, turn)
        return session

    def _identify(self, session: _Session, turn: Turn) -> None:
        """Takes the newest session cookie that the client still holds."""
        session.why_hidden = "no session cookie was set"
        for setting in reversed(turn.settings):
            cookie, parsed = self.reader.cookie(setting, setting.url), parse_set_cookie(setting.header)
            if cookie and parsed and cookie.role == "session" and parsed.name in session.client.jar.names():
                session.token, session.ids = cookie.token, ids_of(parsed)
                session.why_hidden = _why_hidden(parsed)
                break
        for text in session.ids:
            self.ctx.vault.hide(text)

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
        for name, other in session.way.others:
            if not await _is_there(session):
                break
            client = session.client.at(other)
            client.jar = jar.copy()
            answered = await self._look(client)
            if answered and not any(life is not None for life in await _lives(session)):
                return (name,)
        return ()

    async def _look(self, client: Client) -> bool:
        """Whether there was a response to a read."""
        return (await client.steps(self.ctx.topology.site.flow.read)).response is not None


def _why_hidden(cookie: SetCookie) -> str:
    found = recognise_session(cookie.name, cookie.value)
    if found and found.holds_state:
        return f"the state itself is in the cookie {cookie.name}"
    return f"the cookie {cookie.name} is encrypted and does not tell the key"


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
