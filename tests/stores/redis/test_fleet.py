"""Clusters as scripted servers tell of them: whole, in part, narrow, nonsense."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.redis_server import RedisServer, merged
from sessiondoctor.redact import Redactor
from sessiondoctor.stores.redis import client as redis_client
from sessiondoctor.stores.redis import primaries as fleets
from sessiondoctor.stores.redis import reach
from sessiondoctor.stores.redis.address import RedisAddress, parse_url, places
from sessiondoctor.stores.redis.primaries import Primaries, open_all, slot_of
from sessiondoctor.stores.redis.refusal import RedisTrouble
from sessiondoctor.topology.model import Store
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import FakeRedis, Reply, array, bulk, context, redis, topology

if TYPE_CHECKING:
    from collections.abc import Callable

ENABLED = bulk("# Cluster\r\ncluster_enabled:1\r\n")
WELL = bulk("cluster_state:ok\r\ncluster_slots_fail:0\r\n")
DOWN = bulk("cluster_state:fail\r\ncluster_slots_fail:8192\r\n")
Slots = list[tuple[int, int, str | None, int]]


def slots(ranges: Slots) -> bytes:
    """A reply to CLUSTER SLOTS."""
    return array(*(
        array(b":%d\r\n" % first, b":%d\r\n" % last,
              array(bulk(host) if host is not None else b"$-1\r\n", b":%d\r\n" % port, bulk("id")))
        for first, last, host, port in ranges
    ))  # fmt: skip


def member(tell: Callable[[], bytes], state: bytes = WELL) -> Reply:
    """A node that says of its cluster what `tell` tells."""

    def reply(command: tuple[str, ...]) -> bytes:
        match command:
            case ("CLUSTER", "SLOTS"):
                return tell()
            case ("CLUSTER", "INFO"):
                return state
            case ("INFO", *_):
                return ENABLED
        return b""

    return reply


def opened(ranges: Callable[[int, int], Slots], *, state: bytes = WELL, url: str = "redis+cluster://127.0.0.1:{}") -> (
    tuple[list[str], Primaries, FakeRedis]
):  # fmt: skip
    """The places that answer, and all there is to say, of a cluster of two nodes; its first node is asked."""

    async def run() -> tuple[list[str], Primaries, FakeRedis]:
        async with AsyncExitStack() as stack:
            told: list[bytes] = []
            first = await stack.enter_async_context(redis(member(lambda: told[0], state)))
            second = await stack.enter_async_context(redis(member(lambda: told[0], state)))
            told.append(slots(ranges(first.port, second.port)))
            found = await stack.enter_async_context(open_all((Secret(url.format(first.port)),), Redactor()))
            return [link.place for link in found.links], found, first

    return asyncio.run(run())


def halves(one: int, other: int) -> Slots:
    """Each has half of the slots."""
    return [(0, 8191, "127.0.0.1", one), (8192, 16383, "127.0.0.1", other)]


def test_a_plain_address_of_a_cluster_gives_its_password_to_nobody_else() -> None:
    """The other shards are named, and what to write so that they are asked."""
    places, found, first = opened(halves, url="redis://127.0.0.1:{}/0")
    assert places == [f"127.0.0.1:{first.port}"]
    assert found.cluster
    (gap,) = found.gaps
    assert "was not asked: the store's url does not name it (shard of slots 8192-16383)" in gap
    assert "redis+cluster://" in gap
    assert found.holder(b"foo") is None  # slot 12182


@pytest.mark.parametrize(
    "ip", ["169.254.169.254", "fe80::1", "fd00:ec2::254", "100.100.100.200", "224.0.0.1", "0.0.0.0", "127.0.0.1", "::1"]
)
def test_a_server_may_not_name_every_address(ip: str) -> None:
    """Neither a cloud's metadata service, nor a machine of another kind: the password would go there."""
    named = RedisAddress(host=ip, told_by="10.0.0.9")
    assert not named.may_be(ip)
    assert RedisAddress(host=ip).may_be(ip)
    with pytest.raises(Unavailable, match=r"not asked: 10\.0\.0\.9 may not name it"):
        asyncio.run(redis_client.open_link(named))
    assert RedisAddress(told_by="127.0.0.1").may_be("127.0.0.1")
    assert named.may_be("10.0.0.10")


def test_each_shard_is_opened() -> None:
    """Declared as a cluster."""
    places, found, _ = opened(halves)
    assert len(set(places)) == 2
    assert found.cluster
    assert not found.gaps
    assert not found.sick
    key = b"sess:abc"
    holder = found.holder(key)
    assert holder
    assert holder.place == places[0 if slot_of(key) < 8192 else 1]


def test_one_name_for_every_way_in() -> None:
    """Whoever is asked first: nodes that know different members use one store."""
    ports = []

    def turned(one: int, other: int) -> Slots:
        ports.append((one, other))
        return list(reversed(halves(one, other)))

    _, found, _ = opened(turned)
    ((one, other),) = ports
    assert found.home == f"cluster of {min(f'127.0.0.1:{one}', f'127.0.0.1:{other}')} and 1 more"


def test_a_node_that_does_not_tell_its_host() -> None:
    """It is where we asked."""
    places, _, first = opened(lambda one, _: [(0, 16383, None, one)])
    assert places == [f"127.0.0.1:{first.port}"]


def test_a_shard_that_is_gone_is_named() -> None:
    """The rest is opened; what the cluster says of itself decides whether it is sick."""
    places, found, _ = opened(lambda one, _: [(0, 8191, "127.0.0.1", one), (8192, 16383, "127.0.0.1", 1)], state=DOWN)
    assert len(places) == 1
    assert found.sick
    assert found.gaps == ("127.0.0.1:1: connection refused (shard of slots 8192-16383)",)
    assert found.holder(b"foo") is None  # slot 12182


def test_slots_that_nobody_serves() -> None:
    """A cluster with a hole does not serve all keys."""
    _, found, _ = opened(lambda one, _: [(0, 16000, "127.0.0.1", one)])
    assert found.sick
    assert found.gaps == ("383 of 16384 hash slots are served by no shard",)


def test_shards_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred thousand addresses are not called."""
    monkeypatch.setattr(fleets, "MOST_SHARDS", 1)
    places, found, _ = opened(halves)
    assert len(places) == 1
    assert found.blind == "1 more shards were not looked at"


@pytest.mark.parametrize(
    "reply",
    [
        b"+OK\r\n", array(), array(bulk("x")), array(array(b":0\r\n", b":99999\r\n", array(bulk("h"), b":1\r\n"))),
        array(array(b":9\r\n", b":1\r\n", array(bulk("h"), b":1\r\n"))),
    ],
)  # fmt: skip
def test_nonsense_is_no_cluster(reply: bytes) -> None:
    """What no Redis says ends in one line."""

    async def run() -> None:
        async with redis(member(lambda: reply)) as server, open_all((server.url,), Redactor()):
            raise AssertionError("it was believed")

    with pytest.raises(Unavailable):
        asyncio.run(run())


def test_the_right_to_see_the_shards() -> None:
    """A refusal names the right that is missing."""

    async def run(url: str) -> tuple[str, list[tuple[str, ...]]]:
        async with redis(member(lambda: b"-NOPERM this user has no permissions to run the 'cluster' command\r\n")) as s:
            try:
                async with open_all((Secret(url.format(s.port)),), Redactor()):
                    raise AssertionError("it was let in")
            except RedisTrouble as trouble:
                return trouble.hint, s.commands

    hint, asked = asyncio.run(run("redis://127.0.0.1:{}"))
    assert "+cluster|slots" in hint
    assert ("CLUSTER", "SLOTS") in asked


def test_half_a_cluster_is_reached_in_part() -> None:
    """One that says it is down is; one that says it is well is only not seen as a whole from here."""

    async def run(state: bytes) -> tuple[bool, str, str]:
        gone: Slots = [(8192, 16383, "127.0.0.1", 1)]
        async with AsyncExitStack() as stack:
            told: list[bytes] = []
            first = await stack.enter_async_context(redis(member(lambda: told[0], state)))
            told.append(slots([(0, 8191, "127.0.0.1", first.port), *gone]))
            store = Store("sessions", "redis", (first.url,))
            found = await reach(store, context(topology(stores=(store,))))
            return found.answers, found.trouble, found.reason

    answers, trouble, reason = asyncio.run(run(DOWN))
    assert (answers, trouble) == (False, "down")
    assert "127.0.0.1:1" in reason
    assert asyncio.run(run(WELL))[:2] == (False, "")


def test_all_seeds_of_a_url_are_tried() -> None:
    """The first that answers tells of the others."""

    async def run() -> int:
        async with AsyncExitStack() as stack:
            told: list[bytes] = []
            server = await stack.enter_async_context(redis(member(lambda: told[0])))
            told.append(slots([(0, 16383, "127.0.0.1", server.port)]))
            url = Secret(f"redis+cluster://127.0.0.1:1,127.0.0.1:{server.port}")
            assert places((url,)) == ("127.0.0.1:1", f"127.0.0.1:{server.port}")
            return len((await stack.enter_async_context(open_all((url,), Redactor()))).links)

    assert asyncio.run(run()) == 1


@pytest.mark.parametrize(
    ("url", "withheld", "sent"),
    [
        ("redis://h", set(), {"GETRANGE", "SELECT"}),
        ("redis://default:pw@h", set(), {"GETRANGE"}),
        ("redis://doctor:pw@h", {"GETRANGE", "SELECT", "TIME", "CONFIG GET"}, {"PTTL", "PING"}),
        ("redis://doctor:pw@h/3", {"GETRANGE"}, {"SELECT"}),
        ("redis://doctor:pw@h?rights=getrange,object|idletime", {"HSCAN"}, {"GETRANGE", "OBJECT IDLETIME"}),
        ("redis://doctor:pw@h?rights=all", set(), {"CONFIG GET"}),
        ("redis+cluster://doctor:pw@h", {"CLUSTER INFO"}, {"CLUSTER SLOTS"}),
        ("unix:/run/redis.sock?username=doctor&password=pw", {"GETRANGE"}, {"PTTL"}),
    ],
)
def test_what_is_withheld_of_whom(url: str, withheld: set[str], sent: set[str]) -> None:
    """A user of its own name is presumed to have few rights, beyond those that the URL tells or needs."""
    address = parse_url(Secret(url))
    assert withheld <= address.withheld
    assert not sent & address.withheld


def test_figures_of_shards_are_added_up() -> None:
    """Counters are those of all, memory is that of the fullest."""
    one = RedisServer("s", "h:1", "7", "master", 100, {"db0": {"keys": 2}}, 10, 100, errors={"OOM": 1}, evicted_keys=3)
    two = RedisServer("s", "h:2", "7", "master", 50, {"db0": {"keys": 5}}, 90, 100, errors={"OOM": 2})
    both = merged("cluster of h:1 and 1 more", (one, two))
    assert (both.keys, both.filled, both.errors, both.evicted_keys) == (7, 0.9, {"OOM": 3}, 3)
    assert (both.uptime_s, both.shards, both.endpoint) == (50, ("h:1", "h:2"), "cluster of h:1 and 1 more")
    assert merged("h:1", (one,)) == one
