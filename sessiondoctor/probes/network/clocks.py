"""Clocks: of nodes by their Date header and by NTP, of Redis stores by TIME, of time servers by NTP.

Only what a node answers directly counts: a balancer or cache on the way writes its own Date. So none is taken from a
response that says that it came through a proxy, nor from a URL that several nodes have, or that is a balancer's.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from math import floor
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.network.clocks import Clocks, Reading, Source
from sessiondoctor.formats.cookie_date import cookie_date
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.network import date_edge
from sessiondoctor.probes.network.date_edge import Sighting
from sessiondoctor.probes.network.ntp import ask_ntp
from sessiondoctor.probes.nodes.replay import target
from sessiondoctor.stores.memcached import address as memcached
from sessiondoctor.stores.memcached.client import connect as memcached_connect
from sessiondoctor.stores.redis.address import places
from sessiondoctor.stores.redis.client import connect
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.message import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.probes.browser.target import Target
    from sessiondoctor.stores.redis.client import Link
    from sessiondoctor.topology.model import Node, Store, Topology
    from sessiondoctor.wire.client import Wire
    from sessiondoctor.wire.message import Response

_PATIENCE_S = 8.0
_TIMES = 3  # Redis TIME: the fastest round trip counts
_REDIS_COMMANDS = _TIMES + 3
_MEMCACHED_COMMANDS = 3
_HEAD_UNKNOWN = {404, 405, 501}
BY_TIMER = ("uvicorn",)  # servers that refresh their Date once a second; they name themselves in Server
_JITTER_S = 0.001

Ask = Callable[["Context"], Awaitable[tuple[float, float]]]
"""Returns offset and uncertainty in seconds."""


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock that can be asked; `peers` says whom that takes, and how often."""

    subject: str
    source: Source
    peers: dict[str, int]
    ask: Ask = field(repr=False)


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """One probe for all clocks, so that they are read in the same seconds."""
    clocks = list(clocks_of(topology))
    if not any(clock.peers for clock in clocks):
        hint = "declare nodes[].url (a node's own address, no balancer's), a Redis store, nodes[].ntp or time.servers"
        yield Absent(Clocks, "site", "no clock can be asked: neither nodes nor stores are declared", hint)
        return
    contacts: dict[str, int] = {}
    for clock in clocks:
        for peer, count in clock.peers.items():
            contacts[peer] = contacts.get(peer, 0) + count
    names = ", ".join(dict.fromkeys(clock.subject for clock in clocks if clock.peers))
    yield Probe(Clocks, "site", f"the clocks of {names}", contacts, partial(read_clocks, clocks))


def clocks_of(topology: Topology) -> Iterator[Clock]:
    """Every clock that this topology lets us ask."""
    for node in topology.nodes:
        if shared := not_its_own(node, topology):
            yield Clock(node.name, "http-date", {}, partial(_refuse, shared))
        elif node.url:
            peers = {target(node).authority: date_edge.REQUESTS + 1}
            yield Clock(node.name, "http-date", peers, partial(_ask_node, node))
        if node.ntp:
            yield Clock(node.name, "ntp", {node.ntp: 1}, partial(_ask_ntp, node.ntp))
    for store in topology.stores:
        if store.kind == "redis" and store.url:
            peers = dict.fromkeys(places(store.url), _REDIS_COMMANDS)
            yield Clock(store.name, "redis-time", peers, partial(_ask_store, store))
        if store.kind == "memcached":
            for address in memcached.servers(store.url):
                peers = {address.place: _MEMCACHED_COMMANDS}
                yield Clock(store.name, "memcached-time", peers, partial(_ask_memcached, address))
    for server in topology.time.servers:
        yield Clock(server, "ntp", {server: 1}, partial(_ask_ntp, server))


def not_its_own(node: Node, topology: Topology) -> str:
    """Why what answers at the node's URL may be a balancer; empty if nothing says so."""
    if not node.url:
        return ""
    here = target(node).authority
    others = [other for other in topology.nodes if other.service == node.service and other.name != node.name]
    sharing = [other.name for other in others if other.url and target(other).authority == here]
    if sharing:
        return f"it shares {here} with {sharing[0]}: the Date there may be a balancer's"
    return "its URL is a public one: the Date there may be a balancer's" if others and here in _fronts(topology) else ""


def _fronts(topology: Topology) -> set[str]:
    """host:port of the public entry and of the balancers."""
    urls = [topology.site.url, *(balancer.url for balancer in topology.load_balancers if balancer.url)]
    return {split_url(url).origin.authority for url in urls}


async def _refuse(reason: str, _ctx: Context) -> tuple[float, float]:
    raise Unavailable(reason)


async def read_clocks(clocks: list[Clock], ctx: Context) -> Clocks:
    """All readings that can be had; `trouble` says of the others why not.

    Raises:
        Unavailable: there is none.
    """
    answers = await asyncio.gather(*(_read(clock, ctx) for clock in clocks))
    trouble = {c.subject: answer for c, answer in zip(clocks, answers, strict=True) if isinstance(answer, str)}
    readings = tuple(answer for answer in answers if isinstance(answer, Reading))
    if not readings:
        raise Unavailable("no clock could be read: " + "; ".join(trouble.values()))
    return Clocks(readings, trouble)


async def _read(clock: Clock, ctx: Context) -> Reading | str:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            offset, uncertainty = await clock.ask(ctx)
    except Unavailable as trouble:
        return trouble.reason
    except TimeoutError:
        return f"no answer within {_PATIENCE_S:g} s"
    return Reading(clock.subject, clock.source, round(offset, 4), round(uncertainty, 4))


async def _ask_node(node: Node, ctx: Context) -> tuple[float, float]:
    return await read_date(target(node), ctx.wire)


async def read_date(to: Target, wire: Wire) -> tuple[float, float]:
    """The offset of a server's clock by its Date header, and its uncertainty, in seconds.

    Raises:
        Unavailable: it does not answer, or says no time of its own.
    """
    async with wire.connection(trust=to.trust) as connection:
        # HEAD spares the application, where it is known.
        response = await wire.send(Request(to.url, "HEAD", to.headers), connection=connection)
        method = "GET" if response.status in _HEAD_UNKNOWN else "HEAD"

        async def ask() -> Sighting:
            return sighting(await wire.send(Request(to.url, method, to.headers), connection=connection))

        seen = await date_edge.sightings(ask)
    by_timer = any(name in response.header("server").lower() for name in BY_TIMER)
    return date_edge.offset(seen, by_timer=by_timer)


def sighting(response: Response) -> Sighting:
    """What one response says of the server's clock.

    Raises:
        Unavailable: it has no Date, or one that may be another's.
    """
    date = cookie_date(response.header("date"))
    if date is None:
        raise Unavailable("its responses have no Date header")
    if response.header("age").strip("0"):
        raise Unavailable("its responses come from a cache, with the Date of some earlier time")
    if response.header("via"):
        raise Unavailable("its responses come through a proxy (Via), whose Date it may be")
    return Sighting(floor(date), response.sent_at, response.answered_at)


async def _ask_store(store: Store, ctx: Context) -> tuple[float, float]:
    async with connect(store.url, ctx.redactor) as link:
        return min([await _redis_time(link) for _ in range(_TIMES)], key=lambda reading: reading[1])


async def _redis_time(link: Link) -> tuple[float, float]:
    """TIME is seconds and microseconds, as text."""
    sent_at = time.time()
    reply = await link.one("TIME")
    answered_at = time.time()
    match reply:
        case [bytes() as seconds, bytes() as micros] if re.fullmatch(
            rb"[0-9]{1,11} [0-9]{1,6}", seconds + b" " + micros
        ):
            told = int(seconds) + int(micros) / 1e6
            return told - (sent_at + answered_at) / 2, (answered_at - sent_at) / 2 + _JITTER_S
    raise Unavailable(f"{link.place} tells no time")


async def _ask_memcached(address: memcached.Address, _ctx: Context) -> tuple[float, float]:
    """Whole seconds, which it counts up by a timer: told late by up to one, and cut."""
    async with memcached_connect(address) as link:
        sent_at = time.time()
        told = await link.clock()
        answered_at = time.time()
    return told + 1 - (sent_at + answered_at) / 2, 1 + (answered_at - sent_at) / 2 + _JITTER_S


async def _ask_ntp(server: str, _ctx: Context) -> tuple[float, float]:
    return await ask_ntp(server)
