"""Redis stores: what they say of themselves."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from sessiondoctor.evidence.redis_server import RedisServer
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.stores.declared import looked_at
from sessiondoctor.stores.redis import info as redis_info
from sessiondoctor.stores.redis.address import places
from sessiondoctor.stores.redis.client import HANDSHAKE, connect
from sessiondoctor.stores.redis.info import number, word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.probes.contract import Context, Options
    from sessiondoctor.stores.redis.client import Link
    from sessiondoctor.topology.model import Store, Topology

_LOOKS_APART_S = 1.0
_QUESTIONS = 16


def plan(topology: Topology, _options: Options) -> Iterator[Probe | Absent]:
    """What each Redis says of itself: declared, or told to a node."""
    stores = looked_at(topology)
    if not any(store.kind == "redis" for store in stores):
        yield Absent(RedisServer, "site", "no Redis store is declared", "declare stores[]: name, kind: redis, url")
    for store in stores:
        if store.kind == "redis":
            contacts = dict.fromkeys(places(store.url), HANDSHAKE + _QUESTIONS)
            yield Probe(RedisServer, store.name, "what the store says of itself, twice", contacts, partial(look, store))


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
