"""Real servers of every shape: clusters, half of them, users with few rights."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import redis.cluster

from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.stores.redis_server import look
from sessiondoctor.redact import Redactor
from sessiondoctor.stores.contract import Source
from sessiondoctor.stores.redis import census, reach
from sessiondoctor.stores.redis.primaries import open_all, slot_of
from sessiondoctor.stores.search import Search
from sessiondoctor.topology.model import Store
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import context, topology
from tests.lab.servers.redis import Redis, client
from tests.lab.servers.redis_cluster import start_cluster, wait_for
from tests.lab.workspace import Workspace

if TYPE_CHECKING:
    from sessiondoctor.context import Context

SESSIONS = 600


def store_of(servers: list[Redis] | tuple[Redis, ...], password: str) -> Store:
    """The cluster as a topology names it."""
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    return Store("sessions", "redis", (Secret(f"redis+cluster://:{password}@{hosts}"),))


def fill(servers: tuple[Redis, ...]) -> None:
    """Sessions as connect-redis keeps them, on all shards."""
    first = servers[0]
    with redis.cluster.RedisCluster("127.0.0.1", first.port, password=first.password) as clients:
        for n in range(SESSIONS):
            clients.set(f"sess:{n:024d}abcdefgh", '{"cookie":{},"items":[]}', ex=1800)


def ctx_of(store: Store) -> Context:
    """What the probes of one store are given."""
    return replace(context(topology(stores=(store,))), need=_nothing)


async def _nothing(kind: type[Any]) -> Any:
    raise Unavailable(f"no {kind.__name__} was planned")


def test_a_cluster_is_one_store() -> None:
    """Counted, searched and looked at over all shards, whichever node one knows."""
    password = secrets.token_hex(8)
    with Workspace() as workspace:
        servers = start_cluster(workspace, password)
        fill(servers)
        asyncio.run(_whole(servers, store_of(servers, password)))
        asyncio.run(_whole(servers, store_of(servers[-1:], password)))


async def _whole(servers: tuple[Redis, ...], store: Store) -> None:
    ctx = ctx_of(store)
    reached, counted = await asyncio.gather(reach(store, ctx), census(store, ctx))
    assert reached.answers, reached
    assert (counted.total_keys, counted.sampled, counted.exact) == (SESSIONS, SESSIONS, True)
    assert counted.groups[0].keys == SESSIONS
    assert counted.groups[0].encodings
    server = await look(store, ctx, apart_s=0)
    assert len(server.shards) == len(servers)
    assert server.keys == SESSIONS
    async with AsyncExitStack() as stack:
        search = Search(())
        await search.open([Source("sessions", "redis", store.url)], ctx, stack)
        homes = set()
        endpoints = set()
        for n in range(12):
            (spot,) = await search.find((f"{n:024d}abcdefgh",))
            place = await spot.place()
            homes.add(place.home)
            endpoints.add(place.endpoint)
            assert 1700 < (await spot.ttl_s() or 0) <= 1800
        assert homes == {f"cluster of {min(f'127.0.0.1:{s.port}' for s in servers)} and 2 more"}
        assert len(endpoints) > 1
        assert await search.find(("0123456789no-such-session",)) == []
        assert not search.blind


def test_slots_are_those_of_the_server() -> None:
    """CLUSTER KEYSLOT agrees, hash tags included."""
    with Workspace() as workspace:
        (server,) = start_cluster(workspace, "pw", shards=1)
        with client(server) as connection:
            for key in ("sess:abc", "{user1}:sess", "a{}b", "a{b", "x{y}{z}", "{{a}}", "ü{ö}"):
                assert connection.execute_command("CLUSTER KEYSLOT", key) == slot_of(key.encode())


def test_half_a_cluster() -> None:
    """The shard that is gone is named; the others are still looked at."""
    password = secrets.token_hex(8)
    with Workspace() as workspace:
        servers = start_cluster(workspace, password)
        fill(servers)
        workspace.stop(servers[1].name)
        wait_for(servers[::2], "cluster_state", "fail")
        asyncio.run(_half(servers, store_of(servers, password)))


async def _half(servers: tuple[Redis, ...], store: Store) -> None:
    ctx = ctx_of(store)
    reached = await reach(store, ctx)
    assert (reached.answers, reached.trouble) == (False, "down")
    assert f"127.0.0.1:{servers[1].port}: connection refused (shard of slots 5461-10921)" in reached.reason
    server = await look(store, ctx, apart_s=0)
    assert len(server.shards) == 2
    async with open_all(store.url, Redactor()) as primaries:
        assert len(primaries.links) == 2
    with pytest.raises(Unavailable, match="is down: it serves no keys"):
        await census(store, ctx)
