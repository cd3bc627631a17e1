"""What stores and balancers say of themselves, as one round keeps it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.evidence.balancers.status import BalancerStatus
from sessiondoctor.evidence.stores.memcached_server import MemcachedServer
from sessiondoctor.evidence.stores.redis_server import RedisServer
from sessiondoctor.experiments.watch.seen import ServerSeen, StoreSeen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.evidence.gathered import Gathered


def stores_of(gathered: Gathered, at: float) -> Iterator[StoreSeen]:
    """Every store that told its figures."""
    for piece in gathered.of(RedisServer):
        if piece.value:
            yield replace(_redis(piece.subject, piece.value), at=at)
    servers: dict[str, list[MemcachedServer]] = {}
    for piece in gathered.of(MemcachedServer):
        if piece.value and not piece.value.full:
            servers.setdefault(piece.value.store, []).append(piece.value)
    for store, several in servers.items():
        yield replace(_memcached(store, several), at=at)


def servers_of(gathered: Gathered) -> Iterator[ServerSeen]:
    """Every server of which a balancer spoke."""
    for piece in gathered.of(BalancerStatus):
        for server in piece.value.servers if piece.value else ():
            name = server.node or f"{server.pool}/{server.name}"
            yield ServerSeen(piece.value.balancer, name, server.status, server.went_down)


def _redis(name: str, said: RedisServer) -> StoreSeen:
    flushes = sum(said.commands.get(command, 0) for command in ("flushall", "flushdb"))
    return StoreSeen(
        name=name,
        uptime_s=said.uptime_s,
        keys=said.keys,
        evicted=said.evicted_keys,
        hits=said.hits,
        misses=said.misses,
        flushes=flushes,
        used_bytes=said.used_memory,
        limit_bytes=said.maxmemory,
        role=said.role,
        policy=said.policy,
    )


def _memcached(name: str, several: Sequence[MemcachedServer]) -> StoreSeen:
    return StoreSeen(
        name=name,
        uptime_s=min(one.uptime_s for one in several),
        keys=sum(one.items for one in several),
        evicted=sum(one.evicted for one in several),
        misses=sum(one.misses for one in several),
        flushes=sum(one.flushes for one in several),
    )
