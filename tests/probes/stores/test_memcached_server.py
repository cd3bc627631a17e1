"""memcached stores: their own figures, the census of session items, where sessions are, and how nodes use a ring."""

from __future__ import annotations

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.memcached_server import MemcachedServer
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.stores.memcached_server import look, plan
from sessiondoctor.stores import memcached as kind
from sessiondoctor.stores.contract import Source
from sessiondoctor.stores.memcached.address import servers
from sessiondoctor.stores.memcached.keyspace import homes
from sessiondoctor.topology.model import Node, Store
from sessiondoctor.topology.secret import Secret
from tests.fakes.memcacheds import FakeMemcached, memcached, memcached_store
from tests.fakes.peers import context, tcp, topology

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.evidence.stores.census import Census
    from tests.fakes.memcacheds import Stats

ID = "0123456789abcdef0123456789"
PHP = b"memc.sess.key." + ID.encode()


def figures(server: FakeMemcached) -> MemcachedServer:
    """What is said of a server after two looks."""

    async def run() -> MemcachedServer:
        async with memcached(server):
            store = memcached_store(server.url)
            return await look(store, servers(store.url)[0], context(topology(stores=(store,))), apart_s=0.0)

    return asyncio.run(run())


def counted(*some: FakeMemcached, keys: str = "") -> Census:
    """The census of a ring."""

    async def run() -> Census:
        async with AsyncExitStack() as stack:
            for server in some:
                await stack.enter_async_context(memcached(server))
            store = memcached_store(*(server.url for server in some), keys=keys)
            return await kind.census(store, context(topology(stores=(store,))))

    return asyncio.run(run())


def test_one_probe_a_server() -> None:
    """Of a ring each has its own; the plan names host and port."""
    entries = list(plan(topology(stores=(memcached_store("memcached://a:1", "memcached://b:2"),)), Options()))
    assert all(isinstance(entry, Probe) for entry in entries)
    assert [entry.subject for entry in entries] == ["sessions a:1", "sessions b:2"]
    assert [set(entry.contacts) for entry in entries if isinstance(entry, Probe)] == [{"a:1"}, {"b:2"}]


@pytest.mark.parametrize(
    "stores", [(), (Store("r", "redis", url=(Secret("redis://h"),)),), (memcached_store("memcached://u:p@a:1"),)]
)
def test_what_cannot_be_asked_is_absent(stores: tuple[Store, ...]) -> None:
    """With a hint."""
    (entry,) = plan(topology(stores=stores), Options())
    assert isinstance(entry, Absent)
    assert entry.hint


def test_figures_and_what_has_risen() -> None:
    """Counters are compared between two looks; classes are summed."""
    first: Stats = {"uptime": 100, "evictions": 5, "store_too_large": 1, "store_no_memory": 2, "cmd_flush": 1}
    last: Stats = {
        "uptime": 101, "evictions": 9, "store_too_large": 4, "store_no_memory": 2, "cmd_flush": 1,
        "listen_disabled_num": 3, "rejected_connections": 4, "max_connections": 1024, "limit_maxbytes": 64,
    }  # fmt: skip
    classes: list[Stats] = [
        {"items:1:evicted": 0, "items:1:evicted_nonzero": 0, "items:1:evicted_time": 0},
        {"items:1:evicted": 4, "items:1:evicted_nonzero": 3, "items:1:evicted_time": 60,
         "items:9:evicted": 5, "items:9:evicted_nonzero": 1, "items:9:evicted_time": 30},
    ]  # fmt: skip
    server = FakeMemcached(
        stats=[first, last], classes=classes, settings={"item_size_max": 8192, "evictions": "off", "maxconns": 7}
    )
    seen = figures(server)
    assert (seen.evicted, seen.evicted_delta) == (9, 4)
    assert (seen.evicted_with_expiry, seen.evicted_with_expiry_delta, seen.evicted_idle_s) == (4, 4, 30)
    assert (seen.too_large, seen.too_large_delta, seen.no_memory) == (4, 3, 2)
    assert (seen.flushes, seen.flushes_delta, seen.refused_connections, seen.max_connections) == (1, 0, 7, 1024)
    assert (seen.largest_item, seen.evicts, seen.uptime_s, seen.restarted) == (8192, False, 101, False)


def test_a_restart_between_the_looks() -> None:
    """Counters began anew: all that they count is new."""
    seen = figures(FakeMemcached(stats=[{"uptime": 900, "evictions": 70}, {"uptime": 0, "evictions": 2}]))
    assert seen.restarted
    assert seen.evicted_delta == 2


def test_a_clock_that_is_ahead() -> None:
    """The server's clock counts for expiry times that are dates."""
    assert abs(figures(FakeMemcached(stats=[{"time": 4_000_000_000}])).clock_ahead_s) > 1_000_000_000


def test_numbers_that_are_none() -> None:
    """They count as 0."""
    seen = figures(FakeMemcached(stats=[{"uptime": "9" * 400, "evictions": "-1", "curr_items": "٣"}]))
    assert (seen.uptime_s, seen.evicted, seen.items) == (0, 0, 0)


def test_a_server_without_a_connection_left_is_full() -> None:
    """That is evidence, not a failure to look."""
    server = FakeMemcached(refuses={b"version": b"ERROR Too many open connections\r\n"})
    assert figures(server) == MemcachedServer("sessions", server.place, full=True)


def test_what_else_goes_wrong_is_no_evidence() -> None:
    """A server that answers as none does."""
    with pytest.raises(Unavailable, match="text protocol"):
        figures(FakeMemcached(refuses={b"stats": b"\x1b[2J\r\n"}))


def test_the_census_of_a_ring_counts_every_item_once() -> None:
    """Sessions by prefix with their expiry and size, locks beside them, and other items."""
    one, other = FakeMemcached(), FakeMemcached()
    for number in range(10):
        (one if number % 3 else other).store(b"memc.sess.key.%026d" % number, ttl=1440, size=100 + number)
    one.store(b"memc.sess.key.lock." + ID.encode())
    one.store(b":1:django.contrib.sessions.cache" + b"a" * 32, ttl=-1)
    other.store(b"cache:\x1b[2J%41", ttl=-1)
    census = counted(one, other)
    php, django = census.groups
    assert (php.product, php.prefix, php.keys, php.without_ttl) == ("php", "memc.sess.key.", 10, 0)
    assert php.ttl_s
    assert php.ttl_s.low >= 1438
    assert php.size_bytes
    assert (php.size_bytes.low, php.size_bytes.top) == (100, 109)
    assert (django.keys, django.without_ttl, django.ttl_s) == (1, 1, None)
    assert (census.total_keys, census.sampled, census.exact, census.helper_keys) == (13, 13, True, 1)
    assert census.sampled - census.helper_keys - sum(group.keys for group in census.groups) == 1


def test_the_census_knows_declared_keys_and_tells_no_ids() -> None:
    """A pattern of the topology is as good as a known layout."""
    server = FakeMemcached()
    server.store(b"app/" + ID.encode())
    census = counted(server, keys="app/*")
    assert [(group.product, group.prefix) for group in census.groups] == [("declared", "app/")]
    assert ID not in json.dumps(asdict(census))


def test_the_census_of_nothing() -> None:
    """No items, no groups, and everything was seen."""
    census = counted(FakeMemcached())
    assert (census.groups, census.exact, census.total_keys) == ((), True, 0)


def test_the_census_of_a_server_that_lists_nothing() -> None:
    """It is no census of an empty one."""
    with pytest.raises(Unavailable, match="metadump"):
        counted(FakeMemcached(refuses={b"lru": b"ERROR\r\n"}))


def test_a_ring_answers_if_all_of_it_does() -> None:
    """The server that does not is named."""

    async def run() -> Any:
        async with tcp(_silent) as gone:
            pass
        async with memcached(FakeMemcached()) as server:
            store = memcached_store(server.url, f"memcached://127.0.0.1:{gone}")
            return (
                gone,
                await kind.reach(store, context(topology())),
                await kind.reach(memcached_store(server.url), context(topology())),
            )

    gone, ring, alone = asyncio.run(run())
    assert alone.answers
    assert (ring.answers, ring.endpoint, ring.trouble) == (False, f"127.0.0.1:{gone}", "refused")


@pytest.mark.parametrize(
    ("greeting", "trouble", "answers"),
    [
        (b"CLIENT_ERROR unauthenticated\r\n", "auth", False),
        (b"HTTP/1.1 400\r\n", "not-memcached", False),
        (b"ERROR Too many open connections\r\n", "", True),
    ],
)
def test_a_refusal_is_an_observation(greeting: bytes, trouble: str, answers: bool) -> None:  # noqa: FBT001 - a case
    """And never taken for an unreachable server."""

    async def run() -> Any:
        async with memcached(FakeMemcached(refuses={b"version": greeting})) as server:
            return await kind.reach(memcached_store(server.url), context(topology()))

    reach = asyncio.run(run())
    assert (reach.trouble, reach.answers) == (trouble, answers)
    assert reach.reason


async def _silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Hangs up."""


def found(*some: FakeMemcached, ids: Sequence[str] = (ID,), patterns: Sequence[str] = ()) -> list[Any]:
    """Of each server: the place and the time to live of a session, or None."""

    async def run() -> list[Any]:
        async with AsyncExitStack() as stack:
            for server in some:
                await stack.enter_async_context(memcached(server))
            source = Source("sessions", "memcached", tuple(Secret(server.url) for server in some))
            opened = await kind.keyspaces([source], context(topology()), stack)
            stored_sessions = [
                await keyspace.declared(ids, patterns) or await keyspace.known(ids) or await keyspace.scan(ids)
                for keyspace in opened.keyspaces
            ]
            return [stored and (await stored.place(), await stored.ttl_s()) for stored in stored_sessions]

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("key", "prefix", "layout"),
    [
        (PHP, "memc.sess.key.", "php"),
        (b"sess:" + ID.encode(), "sess:", "express-session"),
        (b"shop:of:\xc3\xa9:" + ID.encode(), "shop:of:é:", "unknown"),
    ],
)
def test_a_session_is_found_on_one_server_of_a_ring(key: bytes, prefix: str, layout: str) -> None:
    """By a known prefix or by looking through all keys; its home is the ring."""
    holder, other = FakeMemcached(), FakeMemcached()
    holder.store(key, ttl=1440, size=321)
    other.store(b"something:else")
    (place, ttl), nothing = found(holder, other)
    assert nothing is None
    assert (place.prefix, place.layout, place.size_bytes, place.endpoint) == (prefix, layout, 321, holder.place)
    assert place.home == ", ".join(sorted([holder.place, other.place]))
    assert 1438 <= ttl <= 1441
    assert not any(line.startswith((b"get", b"mg", b"gat", b"touch")) for line in holder.asked)


def test_a_lock_is_no_session() -> None:
    """It holds the id all the same."""
    server = FakeMemcached()
    server.store(b"memc.sess.key.lock." + ID.encode())
    assert found(server) == [None]


def test_a_declared_pattern_comes_first() -> None:
    """An item without an expiry has -1."""
    server = FakeMemcached()
    server.store(b"app/" + ID.encode(), ttl=-1)
    ((place, ttl),) = found(server, patterns=["app/*"])
    assert (place.prefix, ttl) == ("app/", -1.0)


def test_servers_that_tell_nothing_of_an_item_are_not_searched() -> None:
    """What they hold is unknown, which is not the same as nothing."""
    with pytest.raises(Unavailable, match="does not know the command me"):
        found(FakeMemcached(refuses={b"me": b"ERROR\r\n"}))


def test_lists_that_share_a_server_are_one_ring() -> None:
    """In whatever order nodes are told them; a server that nobody else has is a store of its own."""

    def source(name: str, *hosts: str) -> Source:
        return Source(name, "memcached", (Secret("memcached://" + ",".join(f"{host}:1" for host in hosts)),))

    found = homes(
        [source("sessions", "a", "b"), source("app1", "b", "a"), source("app2", "b", "c"), source("app3", "x")]
    )
    assert {address.host: home for address, (_, home) in found.items()} == {
        "a": "a:1, b:1, c:1", "b": "a:1, b:1, c:1", "c": "a:1, b:1, c:1", "x": "x:1",
    }  # fmt: skip
    assert {store for store, _ in found.values()} == {"sessions", "app3"}


def test_a_node_that_is_told_another_server_is_asked_about_too() -> None:
    """Under the node's name."""
    nodes = (Node("app1"), Node("app3", store_url=Secret("memcached://c:3")))
    site = topology(stores=(memcached_store("memcached://a:1"),), nodes=nodes)
    assert [entry.subject for entry in plan(site, Options())] == ["sessions", "app3"]
