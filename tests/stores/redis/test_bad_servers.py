"""Servers that stall, hang up, lie, hold enormous or hostile things, or serve nothing just now: one clear line each."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.stores.contract import Source
from sessiondoctor.stores.redis import census, keyspaces, reach
from sessiondoctor.stores.redis import client as redis_client
from sessiondoctor.stores.search import Search
from sessiondoctor.topology.model import Store
from tests.fakes.peers import PONG, FakeRedis, Reply, Talk, array, bulk, context, redis, redis_store, tcp, topology

if TYPE_CHECKING:
    from sessiondoctor.evidence.stores.census import Census
    from sessiondoctor.evidence.stores.located import Place
    from sessiondoctor.evidence.stores.store_reach import StoreReach

HUGE = 512 * 1024 * 1024
SID = "abcdefghijklmnopqrstuvwxyz012345"
HOSTILE = b"sess:\x1b[2J\x1b]0;owned\x07\xff\xfe\x00" + SID.encode()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_client, "CONNECT_S", 0.2)
    monkeypatch.setattr(redis_client, "COMMAND_S", 0.2)


def of_one(key: bytes, kind: str = "string", size: int = 100, **other: bytes) -> Reply:
    """A server with one session."""
    replies = {
        "SCAN": array(bulk("0"), array(bulk(key))),
        "DBSIZE": b":1\r\n",
        "PTTL": b":60000\r\n",
        "TYPE": f"+{kind}\r\n".encode(),
        "MEMORY": b":%d\r\n" % size,
        "OBJECT": bulk("raw"),
        "GETRANGE": bulk('{"cookie":'),
        "HSCAN": array(bulk("0"), array(bulk("data"), bulk("x" * 2000))),
        "INFO": bulk("run_id:abc\r\ncluster_enabled:0\r\n"),
    } | other

    def reply(command: tuple[str, ...]) -> bytes:
        if command[0] == "PTTL" and command[1].encode("utf-8", "surrogateescape") != key:
            return b":-2\r\n"
        return replies.get(command[0], b"")

    return reply


def taken(reply: Reply) -> tuple[Census, FakeRedis]:
    """A census of this server."""

    async def run() -> tuple[Census, FakeRedis]:
        async with redis(reply) as server:
            store = Store("sessions", "redis", (server.url,))
            return await census(store, context(topology(stores=(store,)))), server

    return asyncio.run(run())


def found(reply: Reply) -> tuple[list[Place], FakeRedis]:
    """Where this server has the session."""

    async def run() -> tuple[list[Place], FakeRedis]:
        async with redis(reply) as server, AsyncExitStack() as stack:
            search = Search(())
            await search.open([Source("sessions", "redis", (server.url,))], context(topology()), stack)
            return [await stored.place() for stored in await search.find((SID,))], server

    return asyncio.run(run())


def at(talk: Talk) -> StoreReach:
    """Whether what listens there lets us in."""

    async def run() -> StoreReach:
        async with tcp(talk) as port:
            store = redis_store(f"redis://127.0.0.1:{port}")
            return await reach(store, context(topology(stores=(store,))))

    return asyncio.run(run())


@pytest.mark.parametrize("kind", ["string", "hash", "list"])
def test_half_a_gigabyte_is_not_fetched(kind: str) -> None:
    """Of an enormous string the first octets, of an enormous hash nothing; lists are not looked into."""
    for places in (taken, found):
        _, server = places(of_one(f"sess:{SID}".encode(), kind, HUGE))
        ranges = {command[2:] for command in server.commands if command[0] == "GETRANGE"}
        assert ranges == ({("0", "63")} if kind == "string" else set())
        assert "HSCAN" not in server.names


def test_a_server_that_sends_the_whole_value_all_the_same() -> None:
    """What exceeds the bound is cut off: a lying GETRANGE costs 8 MiB at most."""
    lie = b"$536870912\r\n" + b"x" * (9 << 20)
    with pytest.raises(Unavailable, match=r"exceeds|does not speak|no complete"):
        taken(of_one(f"sess:{SID}".encode(), GETRANGE=lie))


def test_hostile_keys_stay_escaped() -> None:
    """Terminal escapes and octets that are no text appear in no finding as they are."""
    places, _ = found(of_one(HOSTILE))
    (place,) = places
    counted, _ = taken(of_one(HOSTILE))
    for shown in (place.prefix, *(group.prefix for group in counted.groups)):
        assert shown.isprintable()
        assert SID not in shown
    assert "\\x1b[2J" in place.prefix


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"-LOADING Redis is loading the dataset in memory\r\n", "still loading"),
        (b"-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n", "lost its primary"),
        (b"-BUSY Redis is busy running a script.\r\n", "busy with a script"),
        (b"-CLUSTERDOWN The cluster is down\r\n", "is down"),
        (b"-NOAUTH Authentication required.\r\n", "demands a password"),
        (b"-READONLY You can't write against a read only replica.\r\n", "read-only replica"),
    ],
)
def test_what_serves_nothing_just_now(line: bytes, words: str) -> None:
    """A census says why there is none, in words of ours."""
    with pytest.raises(Unavailable, match=words):
        taken(lambda command: PONG if command[0] == "PING" else line)


@pytest.mark.parametrize("code", [b"LOADING", b"MASTERDOWN", b"BUSY"])
def test_a_server_that_loads_is_there(code: bytes) -> None:
    """It is reached, with a word of warning, and INFO can be asked of it."""

    async def run() -> StoreReach:
        async with redis(lambda c: b"-" + code + b" wait\r\n" if c[0] == "PING" else bulk("loading:1\r\n")) as server:
            store = Store("sessions", "redis", (server.url,))
            return await reach(store, context(topology(stores=(store,))))

    reached = asyncio.run(run())
    assert reached.answers
    assert reached.reason


def stalls(after: bytes) -> Talk:
    """A server that greets, begins its next reply so, and then is silent."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(PONG)
        await reader.read(1000)
        writer.write(after)
        await asyncio.sleep(30)

    return talk


def drops(after: bytes) -> Talk:
    """One that hangs up instead."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(PONG)
        await reader.read(1000)
        writer.write(after)
        await writer.drain()

    return talk


@pytest.mark.parametrize(
    ("talk", "trouble"),
    [
        (stalls(b""), "timeout"),
        (stalls(b"$100\r\nhalf a rep"), "timeout"),
        (drops(b""), "closed"),
        (drops(b"$100\r\nhalf a rep"), "closed"),
        (drops(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "not-redis"),
        (drops(b"*-7\r\n"), "not-redis"),
    ],
)
def test_in_the_middle_of_a_reply(talk: Talk, trouble: str) -> None:
    """After a good greeting: silence, a hang-up, or another protocol."""
    reached = at(talk)
    assert (reached.answers, reached.trouble) == (False, trouble)
    assert reached.reason


def test_a_search_where_nothing_answers() -> None:
    """It says so, and holds nobody up."""

    async def run() -> None:
        async with tcp(stalls(b"")) as port, AsyncExitStack() as stack:
            source = Source("sessions", "redis", redis_store(f"redis://127.0.0.1:{port}").url)
            await keyspaces([source], context(topology()), stack)

    with pytest.raises(Unreachable):
        asyncio.run(run())
