"""Redis stores: what they say of themselves."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.evidence.stores.redis_server import RedisServer, Speed, merged
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.stores import redis_copies
from sessiondoctor.probes.stores.absences import declare
from sessiondoctor.stores.declared import looked_at
from sessiondoctor.stores.keys import patterns, session_layout
from sessiondoctor.stores.redis import health
from sessiondoctor.stores.redis import info as redis_info
from sessiondoctor.stores.redis.address import places
from sessiondoctor.stores.redis.client import HANDSHAKE, Link, connect
from sessiondoctor.stores.redis.info import number, word
from sessiondoctor.stores.redis.primaries import open_all
from sessiondoctor.stores.redis.refusal import RedisTrouble

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.topology.model import Store, Topology

_LOOKS_APART_S = 1.0
_PATIENCE_S = 20.0
_SECONDS = 45.0
_SCANS = 10  # to come upon a key
_CONNECTIONS = 5  # more of them: what chooses among two servers at random shows one alone with a chance of 1 in 32
_QUESTIONS = HANDSHAKE + 16 + _SCANS + health.QUESTIONS


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """What each Redis says of itself: declared, or told to a node."""
    stores = looked_at(topology)
    if not any(store.kind == "redis" for store in stores):
        hint = declare(topology, "redis", "kind: redis, url")
        yield Absent(RedisServer, "site", "no Redis store is declared", hint)
    for store in stores:
        if store.kind == "redis":
            contacts = dict.fromkeys(places(store.url), HANDSHAKE + _QUESTIONS + _CONNECTIONS * (HANDSHAKE + 1))
            ask, describe = partial(look, store), "what the store says of itself, twice" + redis_copies.announced(store)
            yield Probe(RedisServer, store.name, describe, contacts, ask, timeout_s=_SECONDS)


async def look(store: Store, ctx: Context, apart_s: float = _LOOKS_APART_S) -> RedisServer:
    """The store's own figures, from two looks: before and after sessions are written, `apart_s` or more apart.

    Raises:
        Unavailable: it does not answer, or INFO may not be asked.
    """
    known = patterns(ctx.topology)
    async with open_all(store.url, ctx.redactor) as primaries:
        copies = await redis_copies.find(store, primaries.link)
        refused = await redis_copies.refusals(copies)
        befores = await asyncio.gather(*(_look_first(link, known) for link in primaries.links))
    await asyncio.gather(_sessions_written(ctx), asyncio.sleep(apart_s))
    later = await _again(store, ctx)
    now = asyncio.get_running_loop().time()
    found = [_figures(store.name, before, later.get(before.link.place), now) for before in befores]
    again = await redis_copies.refusals(copies)
    grown = redis_copies.grown(refused, again)
    processes = 1 if primaries.cluster else await _processes(store, ctx, befores[0])
    whole = replace(merged(primaries.home, found), processes=processes)
    return replace(whole, copies_refused=refused | again, copies_refused_delta=grown)


async def _processes(store: Store, ctx: Context, before: _Before) -> int:
    """How many servers answer at the store's URL, by their run ids; one that started meanwhile is not counted."""
    began = {before.fields.get("run_id", "")}
    for _ in range(_CONNECTIONS):
        with suppress(RedisTrouble):
            async with connect(store.url, ctx.redactor) as link:
                fields = await redis_info.read_section(link, "server")
                if number(fields, "uptime_in_seconds") > asyncio.get_running_loop().time() - before.at + 1:
                    began.add(fields.get("run_id", ""))
    return max(1, len(began - {""}))


@dataclass(frozen=True, slots=True)
class _Before:
    """All that one server said the first time, and when."""

    link: Link
    fields: redis_info.Fields
    at: float
    speed: Speed
    extras: health.Extras


async def _look_first(link: Link, declared: tuple[str, ...]) -> _Before:
    fields, started = await redis_info.read_info(link), asyncio.get_running_loop().time()
    await _fill_in(link, fields)
    await _try_commands(link, declared)
    extras = await health.ask_extras(link, number(fields, "server_time_usec") // 1_000_000)
    taken = await health.round_trips(link)
    speed = health.speed(taken, number(fields, "latest_fork_usec"), extras)
    return _Before(link, fields, started, speed, extras)


async def _sessions_written(ctx: Context) -> None:
    """Waits, not for ever, until the nodes were given sessions: what the store refuses it refuses then."""
    with suppress(Unavailable, TimeoutError):
        async with asyncio.timeout(_PATIENCE_S):
            await ctx.need(Replay)


async def _again(store: Store, ctx: Context) -> dict[str, redis_info.Fields]:
    """INFO once more, of each server that still answers."""
    with suppress(Unavailable):
        async with open_all(store.url, ctx.redactor) as primaries:
            return {link.place: await redis_info.read_info(link) for link in primaries.links}
    return {}


@dataclass(frozen=True, slots=True)
class Looks:
    """INFO, asked twice, `apart_s` seconds apart; 0.0 if there was no second time."""

    first: redis_info.Fields
    second: redis_info.Fields
    apart_s: float

    def added(self, name: str) -> int:
        """What a counter grew by."""
        before = number(self.first, name)
        return max(0, number(self.second, name, before) - before)

    def between(self, counters: Callable[[redis_info.Fields], dict[str, int]]) -> dict[str, int]:
        """What a family of counters grew by."""
        return redis_info.added(counters(self.first), counters(self.second))

    @property
    def restarted(self) -> bool:
        """Whether a process answered the second time that had not begun the first time."""
        other = self.first.get("run_id") != self.second.get("run_id")
        return other and number(self.second, "uptime_in_seconds") <= self.apart_s + 1


def _figures(store: str, before: _Before, later: redis_info.Fields | None, now: float) -> RedisServer:
    looks = Looks(before.fields, later or before.fields, now - before.at if later else 0.0)
    found = figures(store, before.link.place, looks, before.extras.setting)
    return replace(found, speed=before.speed, missing_rights=tuple(sorted(before.link.refused)))


def figures(store: str, endpoint: str, looks: Looks, setting: Callable[[str], str | None]) -> RedisServer:
    """What INFO says; `setting` is what CONFIG GET says of a name, None where that is not known."""
    fields = looks.first
    return RedisServer(
        store=store,
        endpoint=endpoint,
        version=word(fields, "redis_version"),
        role=word(fields, "role"),
        uptime_s=number(fields, "uptime_in_seconds"),
        databases=redis_info.databases(fields),
        used_memory=number(fields, "used_memory"),
        maxmemory=number(fields, "maxmemory"),
        policy=word(fields, "maxmemory_policy"),
        evicted_keys=number(fields, "evicted_keys"),
        evicted_delta=looks.added("evicted_keys"),
        hits=number(fields, "keyspace_hits"),
        misses=number(fields, "keyspace_misses"),
        delta_s=round(looks.apart_s, 3),
        connected_clients=number(fields, "connected_clients"),
        maxclients=number(fields, "maxclients") or None,
        rejected_connections=number(fields, "rejected_connections"),
        rejected_delta=looks.added("rejected_connections"),
        errors=redis_info.error_counts(fields),
        errors_delta=looks.between(redis_info.error_counts),
        commands=redis_info.command_calls(fields),
        commands_delta=looks.between(redis_info.command_calls),
        rdb_last_bgsave_ok=fields.get("rdb_last_bgsave_status", "ok") == "ok",
        aof_last_write_ok=fields.get("aof_last_write_status", "ok") == "ok",
        loading=number(fields, "loading") > 0,
        restarted=looks.restarted,
        persistence=redis_info.persistence(fields),
        disk=redis_info.disk(fields),
        replication=redis_info.replication(fields),
        notify=setting("notify-keyspace-events"),
    )


async def _fill_in(link: Link, fields: redis_info.Fields) -> None:
    """Asks CONFIG GET only for what INFO does not tell (Redis before 7): a narrow ACL logs each refusal."""
    names = {"maxclients": "maxclients", "maxmemory_policy": "maxmemory-policy", "maxmemory": "maxmemory"}
    missing = {field: name for field, name in names.items() if field not in fields}
    if not missing:
        return
    replies = await link.ask(*(("CONFIG", "GET", name) for name in missing.values()))
    for field, reply in zip(missing, replies, strict=True):
        match reply:
            case [bytes(), bytes() as value]:
                fields[field] = value.decode("ascii", "replace")


async def _try_commands(link: Link, declared: tuple[str, ...]) -> None:
    """Runs each reading command once, so that `link.refused` tells which of them are missing."""
    await link.ask(("DBSIZE",))
    key = await _some_key(link, declared)
    if key:
        none = key + b":none"  # fits the ACL's patterns as the key does, and cannot be touched
        await link.ask(("PTTL", none), ("TYPE", none), ("MEMORY", "USAGE", none), ("OBJECT", "ENCODING", none))
        await link.ask(("GETRANGE", none, 0, 0), ("HSCAN", none, 0, "COUNT", 1), ("OBJECT", "IDLETIME", none))


async def _some_key(link: Link, declared: tuple[str, ...]) -> bytes:
    """A key that there is; of a user with few rights, one that it should be let read. Empty if none is near."""
    narrow, cursor = link.address.narrow, b"0"
    for _ in range(_SCANS):
        with suppress(RedisTrouble):
            cursor, keys = await link.scan(cursor, count=100 if narrow else 1)
            fit = [key for key in keys if not narrow or session_layout(key, declared)]
            if fit:
                return fit[0]
        if cursor == b"0":
            break
    return b""
