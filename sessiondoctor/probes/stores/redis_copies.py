"""Replicas of a primary that was found through sentinels: after a failover nodes may still write to one."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.stores.redis.address import parse_url
from sessiondoctor.stores.redis.client import open_link
from sessiondoctor.stores.redis.info import error_counts, read_info, read_section

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessiondoctor.stores.redis.address import RedisAddress
    from sessiondoctor.stores.redis.client import Link
    from sessiondoctor.stores.redis.info import Fields
    from sessiondoctor.topology.model import Store

MOST = 4
"""Replicas of one primary that are asked."""

Counts = dict[str, int]

_REPLICA = re.compile(r"ip=(?P<host>[\w.:-]{1,253}),port=(?P<port>[0-9]{1,5}),.*")


async def find(store: Store, link: Link) -> tuple[RedisAddress, ...]:
    """Where the replicas are that a primary names; none without sentinels, which move clients from one to the other.

    Raises:
        RedisTrouble: INFO may not be asked.
    """
    return tuple(_named(link.address, await read_section(link, "replication"))) if _by_sentinels(store) else ()


async def refusals(addresses: tuple[RedisAddress, ...]) -> Counts:
    """How many writes each has refused since its start because it is a replica; without those that do not tell."""
    counts = await asyncio.gather(*map(_refused, addresses))
    return {address.place: count for address, count in zip(addresses, counts, strict=True) if count is not None}


def grown(before: Mapping[str, int], after: Mapping[str, int]) -> Counts:
    """What was refused in between, where anything was; nothing for those that told only once."""
    return {place: count - before[place] for place, count in after.items() if count > before.get(place, count)}


def announced(store: Store) -> str:
    """What a plan says of them, whose places are not known beforehand; empty if none are asked."""
    return f"; and INFO of up to {MOST} replicas that its primary names" if _by_sentinels(store) else ""


def _by_sentinels(store: Store) -> bool:
    for url in store.url:
        try:
            if parse_url(url).sentinels:
                return True
        except Unavailable:
            continue
    return False


def _named(primary: RedisAddress, fields: Fields) -> Iterator[RedisAddress]:
    """Its lines `slave0:ip=10.0.0.8,port=6379,state=online,...` (https://redis.io/docs/latest/commands/info/)."""
    for number in range(MOST):
        found = _REPLICA.fullmatch(fields.get(f"slave{number}", ""))
        if found and 0 < int(found["port"]) <= 65535:  # the highest port
            yield replace(
                primary, host=found["host"], port=int(found["port"]), sentinels=(), seeds=(), told_by=primary.host
            )


async def _refused(address: RedisAddress) -> int | None:
    try:
        link = await open_link(address)
    except Unavailable:
        return None
    try:
        return error_counts(await read_info(link)).get("READONLY", 0)
    except Unavailable:
        return None
    finally:
        await link.aclose()
