"""Parallel requests of one session, by the declared increment: do all of them count, and do they wait for each other?

Each session is incremented by one request after the other first. Where even that does not count, sessions or their
reads are at fault, and nothing can be said about races.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.evidence.flows.updates import Burst, Queue, Scope, Updates
from sessiondoctor.probes.browser.accounts import SITE, Accounts
from sessiondoctor.probes.browser.budget import Spent
from sessiondoctor.probes.browser.extract import extract, how_said
from sessiondoctor.probes.browser.flow import named
from sessiondoctor.probes.browser.targets import REDIRECTED, entry
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.flows.visitors import Bounds, Callers, landings, timeout_of
from sessiondoctor.probes.nodes.replay import asked, target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.context import Context, Options
    from sessiondoctor.probes.browser.client import Client
    from sessiondoctor.probes.browser.results import FlowResult
    from sessiondoctor.topology.model import Node, Topology
    from sessiondoctor.topology.steps import Increment

PARALLEL = 12
"""Requests at once, half of what a declared increment consents to."""

LATER_S = 1.0
"""Seconds until the counter is read again: a replica has caught up by then."""

_ALONE = 6
_READINGS = 2
_NODES = 3  # asked in turn
_QUEUE = PARALLEL / 2  # as many times as long as one request: worth comparing
_NUMBER = re.compile(r"\s*(\d{1,15})\s*")
_HINT = "correct site.flow.increment: each request must answer with the counter"


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, if an increment is declared."""
    if topology.site.flow.increment is None:
        hint = "declare a request that adds one to a counter in the session: site.flow.increment"
        yield Absent(Updates, "site", "no increment is declared", hint)
        return
    entry_point, ways = entry(topology), _ways(topology)
    yield Probe(
        evidence=Updates,
        subject="site",
        describe=f"{PARALLEL} increments of one session at once through {entry_point.authority}"
        + (" and to the nodes" if len(ways) > 1 else ""),
        contacts=bounds_of(topology).contacts(topology),
        ask=race,
        needs=(Rehearsal,),
        turn=1,
        timeout_s=timeout_of(options),
    )


def _ways(topology: Topology) -> tuple[tuple[Scope, tuple[Node, ...]], ...]:
    """Where requests go; to several nodes only if they are meant to share sessions.

    Each way has a session of its own; where that takes a login, one node alone is left out.
    """
    nodes = asked(topology)
    ways: list[tuple[Scope, tuple[Node, ...]]] = [("site", ())]
    shared = len(nodes) > 1 and topology.mode() != "sticky"
    if nodes and not (shared and topology.site.flow.login):
        ways.append(("node", nodes[:1]))
    if shared:
        ways.append(("nodes", nodes[:_NODES]))
    return tuple(ways)


def bounds_of(topology: Topology) -> Bounds:
    """The most requests of all sessions, those of new clients included."""
    race_ = _ALONE + PARALLEL + _READINGS
    new_clients = 0 if topology.site.flow.login else PARALLEL * 4
    at_entry, nodes = race_, Counter[str]()
    for _, peers in _ways(topology)[1:]:
        for place in {target(node).authority for node in peers}:
            nodes[place] += REDIRECTED * race_
    if nodes:
        nodes[target(asked(topology)[0]).authority] += REDIRECTED * new_clients
    else:
        at_entry += new_clients
    cross_site_visits = 1 if nodes else 1 + PARALLEL
    return Bounds(landings(topology, cross_site_visits) + REDIRECTED * at_entry, nodes)


async def race(context: Context, later_s: float = LATER_S) -> Updates:
    """Each way in turn, then the counters once more.

    Raises:
        Unavailable: the increment never showed a number.
    """
    increment = context.topology.site.flow.increment
    assert increment
    callers = Callers.within(bounds_of(context.topology), context)
    races = [_ParallelUpdates(callers, increment, way, nodes) for way, nodes in _ways(context.topology)]
    for one in races:
        await one.run()
    if not any(one.readable for one in races):
        raise Unavailable(f"site.flow.increment does not work: {races[0].trouble}", hint=_HINT)
    queue = await _queue(races)
    await asyncio.sleep(later_s)
    return Updates(tuple([await one.burst() for one in races]), queue)


@dataclass(frozen=True, slots=True)
class _Parallel:
    """Requests at once: how many were answered, and seconds until the last of them was."""

    answered: int
    seconds: float


class _ParallelUpdates:
    """One session and what became of its counter."""

    def __init__(self, callers: Callers, increment: Increment, way: Scope, nodes: tuple[Node, ...]) -> None:
        self.callers = callers
        self.increment = increment
        self.way = way
        self.nodes = nodes
        self.trouble = ""
        self.values: list[int] = []
        self.durations: list[float] = []
        self.parallel: _Parallel | None = None
        self.counted: int | None = None
        self._clients: tuple[Client, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether the counter was ever seen."""
        return bool(self.values)

    @property
    def alone_counted(self) -> int:
        """How many of the increments one after the other the counter shows."""
        return max(0, min(len(self.values), self.values[-1] - self.values[0] + 1)) if self.values else 0

    async def run(self) -> None:
        """Increments one after the other, then at once, then one that shows what these came to."""
        try:
            await self._run()
        except Spent:
            self.trouble = self.trouble or "the time of the increments does not suffice"

    async def burst(self) -> Burst:
        """What was seen, with a last reading of the counter."""
        later = None
        if self.counted is not None:
            with_ours = await self._reading()
            later = None if with_ours is None else with_ours - 1
        return Burst(
            way=self.way,
            nodes=tuple(node.name for node in self.nodes),
            alone=len(self.values),
            alone_counted=self.alone_counted,
            parallel=self.parallel.answered if self.parallel else 0,
            counted=self.counted,
            counted_later=later,
            trouble=self.trouble,
        )

    async def new_client(self) -> Client | None:
        """A client with a session of its own, at the place of this one."""
        client, trouble = await self._new()
        return client if not trouble and (await client.steps((self.increment,))).ok else None

    async def at_once(self, clients: Sequence[Client]) -> _Parallel:
        """One increment by each of these at the same time."""
        turns = await asyncio.gather(
            *(client.in_bursts().steps((self.increment,)) for client in clients),
        )
        durations = [turn.response.elapsed_s for turn in turns if turn.ok and turn.response]
        return _Parallel(len(durations), max(durations, default=0.0))

    async def _run(self) -> None:
        client, self.trouble = await self._new()
        if self.trouble:
            return
        self._clients = (client, *(self.callers.sent_on(client, node) for node in self.nodes[1:]))
        for at in itertools.islice(itertools.cycle(self._clients), _ALONE):
            if not await self._alone(at):
                return
        if self.alone_counted < len(self.values):
            self.trouble = "increments are lost even one after the other"
            return
        self.parallel = await self.at_once(list(itertools.islice(itertools.cycle(self._clients), PARALLEL)))
        self.counted = await self._reading()

    async def _new(self) -> tuple[Client, str]:
        """A client that has logged in, if one can; and why not."""
        if self.nodes:
            client = self.callers.at_node(self.nodes[0])
        else:
            client, landing = await self.callers.landed()
            if landing.response is None:
                return client, landing.trouble
        place = self.nodes[0].name if self.nodes else SITE
        return client, (await Accounts.of(self.callers.context).enter(client, place)).trouble

    async def _alone(self, client: Client) -> bool:
        """One increment; whether it showed the counter."""
        turn = await client.steps((self.increment,))
        value = self._value(turn)
        if value is None:
            missing = f"{named(self.increment)}: there is no number ({how_said(self.increment.value)})"
            self.trouble = turn.trouble or missing
            return False
        assert turn.response
        self.values.append(value)
        self.durations.append(turn.response.elapsed_s)
        return True

    async def _reading(self) -> int | None:
        """How much the counter has risen since the increments one after the other, without this one."""
        try:
            value = self._value(await self._clients[0].steps((self.increment,)))
        except Spent:
            return None
        return None if value is None else value - 1 - self.values[-1]

    def _value(self, turn: FlowResult) -> int | None:
        shown = extract(self.increment.value, turn.response) if turn.ok and turn.response else None
        found = _NUMBER.fullmatch(shown or "")
        return int(found[1]) if found else None


async def _queue(races: Sequence[_ParallelUpdates]) -> Queue | None:
    """Whether requests of one session wait for each other; new clients are asked only where it looks so."""
    one = next((race for race in reversed(races) if race.way != "nodes"), races[0])
    if one.parallel is None or one.parallel.answered < PARALLEL:
        return None
    # The shortest times: what a busy machine adds is no wait for a lock.
    alone_s, seconds = min(one.durations), one.parallel.seconds
    compared = (seconds, seconds) if seconds < _QUEUE * alone_s else await _compared(one, seconds)
    if compared is None:
        return None
    at = one.nodes[0].name if one.nodes else "site"
    return Queue(at, PARALLEL, round(alone_s, 4), *(round(each, 4) for each in compared))


async def _compared(one: _ParallelUpdates, seconds: float) -> tuple[float, float] | None:
    """Seconds of requests at once, in one session and in as many, each the shorter of two times; None if unknown.

    Nobody logs in so often just for that.
    """
    if one.callers.context.topology.site.flow.login:
        return None
    try:
        made = await asyncio.gather(*(one.new_client() for _ in range(PARALLEL)))
        clients = [client for client in made if client]
        if len(clients) < PARALLEL:
            return None
        again = await one.at_once(clients[:1] * PARALLEL)
        own = [await one.at_once(clients) for _ in range(2)]
    except Spent:
        return None
    if min(each.answered for each in (again, *own)) < PARALLEL:
        return None
    return min(seconds, again.seconds), min(each.seconds for each in own)
