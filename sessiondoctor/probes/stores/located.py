"""Where the probe's own sessions are stored: made on each node, searched in each store, then watched.

Each session is read once more on its own node (does that prolong its life?) and once on others (does one of them
delete it?). A node that does not know it is asked again, and it is watched what it does with the key.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.context import Context
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.evidence.stores.located import Located, LocatedSession
from sessiondoctor.formats.jar import RawJar
from sessiondoctor.formats.session_cookie import recognise_session
from sessiondoctor.probes.browser.accounts import SITE, Accounts
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.recipe import SERVER_ERROR, read_state, recipe_of
from sessiondoctor.probes.browser.target import Target
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.entry.visits import entry
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.probes.responses.node_naming import named
from sessiondoctor.probes.responses.session_ids import ids_of
from sessiondoctor.probes.stores.lookups import QUICK, REST_S, RESTED, ROUNDS, Examination, Instruments, Read
from sessiondoctor.stores.contract import StoredSession, kind_named, peers
from sessiondoctor.stores.declared import sources
from sessiondoctor.stores.keys import patterns
from sessiondoctor.stores.redis.copies import MOST_LOOKS, Written, arrivals
from sessiondoctor.stores.search import Search

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from sessiondoctor.context import Options
    from sessiondoctor.evidence.stores.located import Place, Said
    from sessiondoctor.formats.set_cookie import SetCookie
    from sessiondoctor.probes.browser.results import FlowResult
    from sessiondoctor.stores.contract import Source
    from sessiondoctor.topology.model import Topology

_PAUSE_S = 1.6
_MOST_NODES = 12
_MOST_PAIRS = 12
_SITE_SESSIONS = 3  # where only the balancer can be asked: enough to meet more than one node
_TIMEOUT_S = 60.0
_SITE_TRIES = 3  # reads through the balancer to meet a node that knows the session
_SITE_READS = 5  # and to meet the others
_LATE_S = 1.0  # some applications answer first and save then
_LAST_SECOND = 1.0  # a key that has no longer to live may expire by itself


@dataclass(frozen=True, slots=True)
class _Way:
    """Where a session is made, and the nodes that read it afterwards. `node` is empty for the public entry."""

    node: str
    target: Target
    others: tuple[tuple[str, Target], ...] = ()
    number: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """Seconds without a request: before a session is read at home, and before a read that is watched closely."""

    own_s: float = _PAUSE_S
    rest_s: float = REST_S


@dataclass(slots=True)
class _Session:
    """A throw-away session of ours.

    Attributes:
        jar: its cookies as they were when it was made; a node that refuses it may replace them.
        affinity: names of cookies by which a balancer keeps it on a node.
        ids: what its key may hold; none if the cookie does not tell.
        kept: some read found it.
    """

    way: _Way
    node: str
    client: Client
    jar: RawJar
    wrote_at: float
    affinity: tuple[str, ...] = ()
    token: str = ""
    ids: tuple[str, ...] = ()
    why_hidden: str = ""
    stored_sessions: list[StoredSession] = field(default_factory=list)
    kept: bool = False


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
        describe=f"where in the store {len(ways)} sessions of this scan are",
        contacts={**_requests(topology, ways), **_commands(stores, len(ways)), **_looks(topology, len(ways))},
        ask=locate,
        needs=(Rehearsal,),
        timeout_s=_TIMEOUT_S,
    )


def _ways(topology: Topology) -> tuple[_Way, ...]:
    """Each node directly; without any, the public entry a few times."""
    nodes = asked(topology)[:_MOST_NODES]
    if not nodes:
        return tuple(_Way("", entry(topology), number=number) for number in range(_SITE_SESSIONS))
    targets = [(node.name, target(node)) for node in nodes]
    others = min(len(nodes) - 1, max(1, _MOST_PAIRS // len(nodes)))
    around = [(*targets[n + 1 :], *targets[:n])[:others] for n in range(len(nodes))]
    return tuple(_Way(name, to, rest) for (name, to), rest in zip(targets, around, strict=True))


def _requests(topology: Topology, ways: tuple[_Way, ...]) -> dict[str, int]:
    """host:port -> the most requests, redirects included."""
    recipe = recipe_of(topology.site.flow)
    total: Counter[str] = Counter()
    for way in ways:
        reads = 1 if way.node else _SITE_TRIES + _SITE_READS + ROUNDS
        own = (1 + recipe.login) * max(1, recipe.write_requests) + reads * recipe.read_requests
        total[way.target.authority] += own * (way.target.redirects + 1)
        for _, other in way.others:
            total[other.authority] += (1 + ROUNDS) * recipe.read_requests * (other.redirects + 1)
    return dict(total)


def _commands(stores: Sequence[Source], sessions: int) -> dict[str, int]:
    """The most that goes to each peer of a store."""
    return {
        place: 2 * (kind.COST.search + kind.COST.each * sessions)
        for source in stores
        if (kind := kind_named(source.kind))
        for place in peers(source.kind, source.urls)
    }


def _looks(topology: Topology, sessions: int) -> dict[str, int]:
    """The most that goes to each replica."""
    replicas = (place for store in topology.stores for place in peers(store.kind, store.replicas))
    return dict.fromkeys(replicas, MOST_LOOKS * sessions)


async def locate(ctx: Context, pause: Pause = Pause()) -> Located:
    """The sessions and their keys.

    Raises:
        Unavailable: no session can be made, or no store can be searched.
    """
    maker = _Maker(ctx, Reader(ctx.topology, ctx.redactor))
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
        instruments = Instruments(search.keyspaces)
        before = await instruments.now()
        located, copies = await asyncio.gather(
            asyncio.gather(*(maker.watch(session, instruments, pause) for session in certain)),
            arrivals([Written(each.node, each.wrote_at, each.stored_sessions) for each in certain], ctx),
        )
        located = await asyncio.gather(*map(maker.last_look, certain, located))
        after = await instruments.now()
    searched = tuple(keyspace.label for keyspace in search.keyspaces)
    return Located(
        tuple(located),
        searched,
        searchable=bool(certain),
        why_not=search.blind,
        evicted=after.evicted - before.evicted if before and after else None,
        expired=after.expired - before.expired if before and after else None,
        copies=copies,
    )


async def _search(search: Search, sessions: list[_Session], ctx: Context) -> list[_Session]:
    """Finds the keys, at the second try those that are saved late; leaves out those of which nothing can be said."""
    for session in sessions:
        session.stored_sessions = await search.find(session.ids)
    if missing := [session for session in sessions if not session.stored_sessions]:
        await asyncio.sleep(max(0.0, missing[-1].wrote_at + _LATE_S - _now()))
    for session in missing:
        session.stored_sessions = await search.find(session.ids)
    for stored in (stored for session in sessions for stored in session.stored_sessions):
        ctx.redactor.hide(stored.secret)
    # What is not found, where not everything could be searched, may be there all the same.
    return [session for session in sessions if session.stored_sessions or not search.blind]


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes and reads sessions by the site's recipe.

    Attributes:
        row: held for reads in a row through the balancer: alternating sessions would each meet one node only.
    """

    ctx: Context
    reader: Reader
    row: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def session(self, way: _Way) -> _Session | str:
        """A new session, or why there is none."""
        flow = self.ctx.topology.site.flow
        jar = RawJar()
        client = Client.of(self.ctx, way.target, jar)
        turn = await Accounts.of(self.ctx).begin(client, recipe_of(flow), way.node or SITE, way.number)
        if turn.ok and flow.login:  # others may have made it a while ago: its time to live starts with this request
            await client.steps(flow.write or flow.read or flow.logged_in)
        if turn.trouble or turn.response is None:
            return turn.trouble
        node = way.node or named(self.ctx.topology, self.reader.peers(), turn)[0] or "site"
        affinity = roles_of(turn.settings, self.ctx.topology).affinity_names
        session = _Session(way, node, client, jar.copy(), _now(), affinity)
        self._identify(session, turn)
        return session

    def _identify(self, session: _Session, turn: FlowResult) -> None:
        """Takes the newest session cookie that the client still holds."""
        session.why_hidden = "no session cookie was set"
        for setting in reversed(turn.settings):
            cookie, parsed = self.reader.cookie(setting, setting.url), setting.cookie
            if cookie and cookie.role == "session" and not parsed.ignored and parsed.name in session.client.jar.names():
                session.token, session.ids = cookie.token, ids_of(parsed)
                session.why_hidden = _why_hidden(parsed)
                break
        for text in session.ids:
            self.ctx.redactor.hide(text)

    async def watch(self, session: _Session, instruments: Instruments, pause: Pause) -> LocatedSession:
        """Reads a session that was found again, after a pause and on other nodes."""
        if not session.stored_sessions:
            return LocatedSession(session.node, session.token, ())
        first = [_at_write(life, session) for life in await _lives(session)]
        found = [await stored.place() for stored in session.stored_sessions]
        await asyncio.sleep(max(0.0, session.wrote_at + pause.own_s - _now()))
        examination = Examination(session.stored_sessions, instruments, pause.rest_s)
        if (await examination.look()).gone:
            places = tuple(replace(place, ttl_s=life) for place, life in zip(found, first, strict=True))
            return LocatedSession(session.node, session.token, places, vanished_after_s=_too_early(first, session))
        async with nullcontext() if session.way.node else self.row:
            second = await self._at_home(session, examination)
        paused = round(_now() - session.wrote_at, 2)
        watched = [
            replace(place, ttl_s=life, ttl_after_read_s=after, paused_s=paused)
            for place, life, after in zip(found, first, second, strict=True)
        ]
        async with nullcontext() if session.way.node else self.row:
            await self._elsewhere(session, examination)
        await self._examine(session, examination)
        lookups = examination.lookups()
        gone = tuple(dict.fromkeys(look.node for look in lookups if look.outcome == "deleted"))
        return LocatedSession(session.node, session.token, tuple(watched), gone, lookups)

    async def last_look(self, session: _Session, located: LocatedSession) -> LocatedSession:
        """Adds what has become of the keys since nobody asked for the session."""
        lives = await _lives(session)
        at = round(_now() - session.wrote_at, 2)
        places = tuple(
            replace(place, ttl_last_s=life, last_s=at) for place, life in zip(located.places, lives, strict=True)
        )
        known = located.gone_after_read_on or located.vanished_after_s is not None or not lives
        gone = not known and not any(life is not None for life in lives)
        early = _too_early([_latest(place) for place in located.places], session) if gone else None
        return replace(located, places=places, vanished_after_s=located.vanished_after_s or early)

    async def _at_home(self, session: _Session, examination: Examination) -> list[float | None]:
        """Seconds to live after a read that found the session; through the balancer it may take some to meet one."""
        for _ in range(1 if session.way.node else _SITE_TRIES):
            done = await examination.read(self._reader(session, session.way.node, session.way.target))
            if done is None:
                break
            read, after = done
            direct = read.said == "unknown" and read.answered and session.way.node
            if read.said == "kept" or direct or after.gone:
                return list(after.lives)
        return [None for _ in session.stored_sessions]

    async def _elsewhere(self, session: _Session, examination: Examination) -> None:
        """Reads on the other nodes, or more often through the balancer, until one of them deletes the key."""
        others = session.way.others or ((("", session.way.target),) * (0 if session.way.node else _SITE_READS))
        for name, other in others:
            if await examination.read(self._reader(session, name, other)) is None:
                return

    async def _examine(self, session: _Session, examination: Examination) -> None:
        """Watches those that refused the session closely, if somebody knew it: without a rest as long as that does."""
        if not session.kept:
            return
        for rounds, rest_s in ((QUICK, 0.0), (RESTED, examination.rest_s)):
            for name, other in session.way.others:
                if name in examination.open_questions():
                    await examination.run(self._reader(session, name, other), rounds, rest_s=rest_s)
            if not session.way.node:
                await examination.run(self._reader(session, "", session.way.target), rounds, rest_s=rest_s)

    def _reader(self, session: _Session, name: str, to: Target) -> Callable[[], Awaitable[Read]]:
        return partial(self._look, session, name, to)

    async def _look(self, session: _Session, name: str, to: Target) -> Read:
        """Reads the session as it was made, at a node or through the balancer, which is free to choose one."""
        recipe = recipe_of(self.ctx.topology.site.flow)
        jar = session.jar.copy() if name else session.jar.without(session.affinity)
        client = session.client.with_jar(jar).at(to)
        turn = await client.steps(recipe.read)
        reading = read_state(recipe, turn).settled(works=session.kept)
        said: Said = "error" if turn.status >= SERVER_ERROR else reading.state
        session.kept |= said == "kept"
        node = name or named(self.ctx.topology, self.reader.peers(), turn)[0]
        return Read(node, said, answered=turn.response is not None)


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


def _latest(place: Place) -> float | None:
    """Seconds to live since the last time that this is known, counted from the write."""
    return place.ttl_s if place.ttl_after_read_s is None else place.ttl_after_read_s


def _too_early(lives: Sequence[float | None], session: _Session) -> float | None:
    """Seconds since the write, if each key should have lived longer than that; None if one may have expired."""
    passed = _now() - session.wrote_at
    in_time = any(life is None or 0 <= life < passed + _LAST_SECOND for life in lives)
    return None if in_time else round(passed, 2)


async def _lives(session: _Session) -> list[float | None]:
    return [await stored.ttl_s() for stored in session.stored_sessions]


def _now() -> float:
    return asyncio.get_running_loop().time()
