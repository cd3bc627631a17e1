"""One round's requests: each node once, our sessions, what stores and balancers say of themselves, clocks."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from sessiondoctor.context import Context
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.balancers.status import BalancerStatus
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.network.clocks import Clocks, Reading
from sessiondoctor.evidence.stores.memcached_server import MemcachedServer
from sessiondoctor.evidence.stores.redis_server import RedisServer
from sessiondoctor.experiments.idle.visitors import Visits
from sessiondoctor.experiments.watch.seen import ClockSeen, NodeSeen, Seen, SessionSeen
from sessiondoctor.experiments.watch.servers import servers_of, stores_of
from sessiondoctor.experiments.watch.traits import traits_of
from sessiondoctor.formats.jar import RawJar
from sessiondoctor.model import HERE
from sessiondoctor.outcome.clock_table import clock_table
from sessiondoctor.pipeline.collect import collect
from sessiondoctor.pipeline.first_look import FIRST_LOOKS
from sessiondoctor.pipeline.order import redactor_of
from sessiondoctor.pipeline.plan import Plan, make_plan
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.results import Setting
from sessiondoctor.probes.browser.targets import REDIRECTED, entry
from sessiondoctor.probes.network import date_edge
from sessiondoctor.probes.network.clocks import clocks_of, not_its_own, read_clocks, sighting
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.redact import scrubbed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessiondoctor.experiments.idle.visitors import Look, Part, Visitor
    from sessiondoctor.experiments.watch.memory import Memory
    from sessiondoctor.pipeline.collect import Progress
    from sessiondoctor.pipeline.order import Order
    from sessiondoctor.probes.browser.results import Answer
    from sessiondoctor.topology.model import Node, Topology
    from sessiondoctor.wire.client import Wire
    from sessiondoctor.wire.message import Response

EVIDENCE: Final[tuple[type[Any], ...]] = (RedisServer, MemcachedServer, BalancerStatus)
"""What costs a few commands, and is asked for in each round."""
_MOST_SESSIONS = 8
_WITH_LOGIN = 2
_MOST_SETTINGS = 60
_OLD_S = 12 * 3600.0  # an account may be told of each new login


@dataclass(slots=True)
class Looker:
    """Looks again and again.

    Attributes:
        most: how many sessions are kept; None for two a node.
        settings: cookies that were set lately: by them answers are named.
    """

    most: int | None = None
    settings: list[Setting] = field(default_factory=list)

    async def look(self, order: Order, wire: Wire, progress: Progress, memory: Memory, at: float) -> Seen:
        """One round, with what this machine's clock says at its beginning."""
        redactor = redactor_of(order.topology, os.environ)
        context = Context(order.topology, order.options, wire, redactor, _nothing, os.environ)
        visits = Visits(context, list(self.settings))
        gathered, readings, nodes, (sessions, born, troubles) = await asyncio.gather(
            collect(light_plan(order), context, progress),
            _clocks(context),
            asyncio.gather(*(_node(context, node) for node in asked(order.topology))),
            self._sessions(visits, order.topology, memory, at),
        )
        if gathered.interrupted:
            raise asyncio.CancelledError
        self.settings = visits.settings[-_MOST_SETTINGS:]
        seen = Seen(
            at=at,
            stores=tuple(stores_of(gathered, at)),
            servers=tuple(servers_of(gathered)),
            sessions=sessions,
            born=born,
            most=self.size(order.topology),
            lifetimes=dict(_lifetimes(visits.settings)),
        )
        seen = _with_clocks(seen, gathered, (*readings, *(one for _, one in nodes if one)), order.topology)
        seen = _with_nodes(seen, [node for node, _ in nodes], tuple(visits.answered))
        shown = {name: redactor.scrub(why) for name, why in _troubles(seen, gathered, troubles)}
        known, servers = scrubbed(seen.nodes, redactor), scrubbed(seen.servers, redactor)
        return replace(seen, nodes=known, servers=servers, troubles=shown)

    async def _sessions(
        self, visits: Visits, topology: Topology, memory: Memory, at: float
    ) -> tuple[tuple[SessionSeen, ...], tuple[Visitor, ...], dict[str, str]]:
        """Read those that there are, then make some: what was made, and why that did not go."""
        read = [await _read(visits, one.visitor) for one in memory.sessions]
        unclear = [look for look, _ in read if look.here is None and look.trouble]
        troubles = {"site": unclear[0].trouble} if unclear else {}
        missing = self.size(topology) - sum(seen.here is not False for _, seen in read)
        born: list[Visitor] = []
        part: Part = "session" if visits.recipe.declared else "affinity"
        try:
            while len(born) < max(missing, _renewed(topology, memory, at)):
                born.append(await visits.make(part, 0.0))
        except Unavailable as trouble:
            troubles["site"] = trouble.reason
        return tuple(seen for _, seen in read), tuple(born), troubles

    def size(self, topology: Topology) -> int:
        """How many sessions are kept."""
        if self.most is not None:
            return self.most
        return _WITH_LOGIN if topology.site.flow.login else min(_MOST_SESSIONS, max(2, 2 * len(topology.nodes)))


def light_plan(order: Order) -> Plan:
    """What stores and balancers are asked, and nothing else."""
    checks = [
        check for check in order.catalogue.checks.values() if any(one.evidence in EVIDENCE for one in check.needs)
    ]
    plan = make_plan(checks, order.topology, order.options)
    return Plan(tuple(probe for probe in plan.probes if probe.evidence in EVIDENCE), ())


def contacts_of(order: Order, size: int) -> Mapping[str, int]:
    """host:port -> the most requests and commands of one round without its scan."""
    topology, total = order.topology, Counter(light_plan(order).contacts())
    visits = Visits(Context(topology, order.options, None, redactor_of(topology, {}), _nothing))  # type: ignore[arg-type]
    flow = topology.site.flow
    make = 1 + len(flow.login) + visits.recipe.write_requests
    total[entry(topology).authority] += REDIRECTED * size * (visits.recipe.read_requests + make)
    total[entry(topology).authority] += 0 if topology.file else FIRST_LOOKS
    for node in asked(topology):
        total[target(node).authority] += REDIRECTED * (1 + visits.recipe.read_requests)
    for clock in clocks_of(topology):
        if clock.source != "http-date":
            total.update(clock.peers)
    return total


def _renewed(topology: Topology, memory: Memory, at: float) -> int:
    """How many are made although none is missing: one, so that one is always young; with logins one now and then."""
    youngest = max((one.visitor.made_at for one in memory.sessions), default=0.0)
    return 1 if not topology.site.flow.login or at - youngest > _OLD_S else 0


async def _read(visits: Visits, visitor: Visitor) -> tuple[Look, SessionSeen]:
    look, used = await visits.use(visitor)
    here = look.here if visitor.part == "session" else None
    used = replace(used, home=look.node or visitor.home)
    at_home = here is False and look.kept is True
    return look, SessionSeen(used, visitor.home, look.node, here, at_home, look.asked_at)


async def _node(context: Context, node: Node) -> tuple[NodeSeen, Reading | None]:
    """One request past the balancer."""
    turn = await Client.of(context, target(node), RawJar()).open()
    response = turn.response
    if response is None:
        return NodeSeen(node.name, up=False if turn.refused else None, trouble=turn.trouble), None
    up = response.status < 500
    trouble = "" if up else f"it answers with status {response.status}"
    seen = NodeSeen(node.name, up, trouble, traits_of(response), response.certificate_ends)
    return seen, None if not_its_own(node, context.topology) else _date(node, response)


def _date(node: Node, response: Response) -> Reading | None:
    """By one response, whose Date may be a second old: servers may refresh it by a timer."""
    try:
        offset_s, uncertainty_s = date_edge.offset([sighting(response)], by_timer=True)
    except Unavailable:
        return None
    return Reading(node.name, "http-date", round(offset_s, 4), round(uncertainty_s, 4))


async def _clocks(context: Context) -> tuple[Reading, ...]:
    """Those of stores and time servers."""
    clocks = [clock for clock in clocks_of(context.topology) if clock.source != "http-date"]
    try:
        return (await read_clocks(clocks, context)).readings if clocks else ()
    except Unavailable:
        return ()


def _with_clocks(seen: Seen, gathered: Gathered, readings: tuple[Reading, ...], topology: Topology) -> Seen:
    pieces = (Piece(Clocks, "site", Clocks(readings, {})), *gathered.pieces)
    table = clock_table(replace(gathered, pieces=pieces), topology)
    rows = table.offsets if table else ()
    clocks = {row.subject: ClockSeen(row.subject, row.kind, row.offset_s, row.uncertainty_s) for row in reversed(rows)}
    if not table and readings:
        one = readings[0]
        store = one.source in {"redis-time", "memcached-time"}
        clocks = {one.subject: ClockSeen(one.subject, "store" if store else "node", one.offset_s, one.uncertainty_s)}
    clocks.pop(HERE, None)
    return replace(seen, clocks=tuple(clocks.values()), reference=table.reference if table else HERE)


def _with_nodes(seen: Seen, nodes: list[NodeSeen], answered: tuple[tuple[Answer, str], ...]) -> Seen:
    """Nodes that were asked, and those that answered at the public entry."""
    found = {node.name: node for node in nodes}
    for answer, name in answered:
        if name and name not in {node.name for node in nodes}:
            traits = {**(found[name].traits if name in found else {}), **traits_of(answer.response)}
            found[name] = NodeSeen(name, True if answer.response.status < 500 else None, "", traits)
    ends = [answer.response.certificate_ends for answer, _ in answered]
    return replace(seen, nodes=tuple(found.values()), certificate_ends=next(filter(None, ends), None))


def _lifetimes(settings: Iterable[Setting]) -> Iterator[tuple[str, float]]:
    for one in settings:
        cookie = one.cookie
        if cookie.max_age_s is not None and cookie.max_age_s > 0:
            yield cookie.name, float(cookie.max_age_s)
        elif cookie.max_age_s is None and cookie.expires is not None and not one.deletes:
            yield cookie.name, round(cookie.expires - one.at)


def _troubles(seen: Seen, gathered: Gathered, of_sessions: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Why something could not be looked at; a node that refuses was looked at."""
    yield from ((node.name, node.trouble) for node in seen.nodes if node.up is None and node.trouble)
    for piece in gathered.pieces:
        if reason := piece.unavailable or piece.skipped or ("the probe failed" if piece.crash else ""):
            yield piece.subject, reason
    yield from of_sessions.items()


async def _nothing(kind: type[object]) -> object:
    raise Unavailable(f"{kind.__name__} is not a part of this round")
