"""Redis stores: whether they answer, what they say of themselves, and a census of the session keys."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from sessiondoctor.errors import Unreachable
from sessiondoctor.evidence.redis_server import Census, RedisServer, StoreReach
from sessiondoctor.probes import redis_census, redis_info
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.redis_address import places
from sessiondoctor.probes.redis_client import connect
from sessiondoctor.probes.redis_info import number, word
from sessiondoctor.probes.redis_refusal import RedisTrouble
from sessiondoctor.topology.model import Store

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from sessiondoctor.probes.contract import Context, Options
    from sessiondoctor.probes.redis_client import Link
    from sessiondoctor.topology.model import Topology

_LOOKS_APART_S = 1.0
_SCHEMES = ("redis", "unix")
_HANDSHAKE = 3  # AUTH, SELECT, TIME
_QUESTIONS = 16
_EVIDENCE = (StoreReach, RedisServer, Census)


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """The three questions to each store."""
    if not topology.stores:
        for kind in _EVIDENCE:
            yield Absent(kind, "site", "no store is declared", "declare the session store: stores[].name, kind, url")
    for store in topology.stores:
        if store.kind != "redis":
            yield from _absent(store, f"not looked at: kind {store.kind} is not supported yet", "")
        elif not store.url:
            yield from _absent(store, "the store has no url", "declare stores[].url")
        else:
            yield from _probes(store)
    for store in _told(topology):
        yield _probe(StoreReach, store, f"whether the store that {store.name} is told of answers", _HANDSHAKE, reach)
        yield _probe(
            RedisServer, store, f"what it says of itself: the store of {store.name}", _HANDSHAKE + _QUESTIONS, look
        )


def _told(topology: Topology) -> Iterator[Store]:
    """Stores that only a node is told of, under the node's name: what is wrong with them is wrong there."""
    known = {place for store in topology.stores if store.kind == "redis" for place in places(store.url)}
    for node in topology.nodes:
        if node.store_url.reveal().startswith(_SCHEMES) and not known & set(places((node.store_url,))):
            yield Store(node.name, "redis", (node.store_url,))


def _absent(store: Store, reason: str, hint: str) -> Iterator[Absent]:
    for kind in _EVIDENCE:
        yield Absent(kind, store.name, reason, hint or "look at it with its own tools; Redis stores are looked at here")


def _probes(store: Store) -> Iterator[Probe]:
    yield _probe(StoreReach, store, "whether the store answers", _HANDSHAKE, reach)
    yield _probe(RedisServer, store, "what the store says of itself, twice", _HANDSHAKE + _QUESTIONS, look)
    yield _probe(
        Census,
        store,
        "a sample of the session keys, by SCAN",
        _HANDSHAKE + redis_census.MOST_COMMANDS,
        redis_census.take,
    )


def _probe(
    kind: type[Any], store: Store, describe: str, commands: int, ask: Callable[[Store, Context], Awaitable[Any]]
) -> Probe:
    contacts = dict.fromkeys(places(store.url), commands)
    return Probe(kind, store.name, describe, contacts, partial(ask, store))


async def reach(store: Store, ctx: Context) -> StoreReach:
    """Whether the store lets us in. A refusal is an observation.

    Raises:
        Unavailable: it is a store that cannot be asked from here.
    """
    first = (*places(store.url), "")[0]
    try:
        async with connect(store.url, ctx.vault) as link:
            return StoreReach(store.name, link.place, answers=True)
    except Unreachable as trouble:
        return StoreReach(store.name, first, answers=False, trouble=trouble.trouble, reason=trouble.reason)
    except RedisTrouble as trouble:
        kind = {"forbidden": "auth", "busy": ""}.get(trouble.why, trouble.why)
        return StoreReach(store.name, first, answers=not kind, trouble=kind, reason=trouble.reason)


async def look(store: Store, ctx: Context, apart_s: float = _LOOKS_APART_S) -> RedisServer:
    """The store's own figures; `apart_s` lies between the two looks at the evicted keys.

    Raises:
        Unavailable: it does not answer, or INFO may not be asked.
    """
    async with connect(store.url, ctx.vault) as link:
        clock = asyncio.get_running_loop().time
        fields, started = await redis_info.read_info(link), clock()
        await _fill_in(link, fields)
        await _try_commands(link)
        await asyncio.sleep(apart_s)
        later, ended = await redis_info.read_info(link), clock()
    evicted = number(fields, "evicted_keys")
    return RedisServer(
        store=store.name,
        endpoint=link.place,
        version=word(fields, "redis_version"),
        role=word(fields, "role"),
        uptime_s=number(fields, "uptime_in_seconds"),
        databases=redis_info.databases(fields),
        used_memory=number(fields, "used_memory"),
        maxmemory=number(fields, "maxmemory"),
        policy=word(fields, "maxmemory_policy"),
        evicted_keys=evicted,
        evicted_delta=max(0, number(later, "evicted_keys", evicted) - evicted),
        expired_keys=number(fields, "expired_keys"),
        delta_s=round(ended - started, 3),
        connected_clients=number(fields, "connected_clients"),
        maxclients=number(fields, "maxclients") or None,
        rejected_connections=number(fields, "rejected_connections"),
        errors=redis_info.error_counts(fields),
        commands=redis_info.command_calls(fields),
        rdb_last_bgsave_ok=fields.get("rdb_last_bgsave_status", "ok") == "ok",
        aof_last_write_ok=fields.get("aof_last_write_status", "ok") == "ok",
        loading=number(fields, "loading") > 0,
        persistence=redis_info.persistence(fields),
        master_link_up=fields["master_link_status"] == "up" if "master_link_status" in fields else None,
        missing_rights=tuple(sorted(link.refused)),
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


async def _try_commands(link: Link) -> None:
    """Runs each reading command once, so that `link.refused` tells which of them are missing."""
    _, reply = await link.ask(("DBSIZE",), ("SCAN", 0, "COUNT", 1))
    match reply:
        case [_, [bytes() as key, *_]]:
            none = key + b":none"  # fits the ACL's patterns as the key does, and cannot be touched
            await link.ask(("PTTL", none), ("TYPE", none), ("MEMORY", "USAGE", none))
            await link.ask(("GETRANGE", none, 0, 0), ("HSCAN", none, 0, "COUNT", 1))
