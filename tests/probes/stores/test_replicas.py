"""Replicas and sentinels as scripted servers show them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.stores import replicas as probe
from sessiondoctor.probes.stores import sentinels
from sessiondoctor.stores.redis import copies
from sessiondoctor.stores.redis.copies import Written, arrivals
from sessiondoctor.stores.redis.keyspace import RedisKeyspace, RedisSpot, _Budget
from sessiondoctor.stores.redis.primaries import open_all
from sessiondoctor.topology.model import Store
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import FakeRedis, Reply, array, ask, bulk, context, redis, redis_store, topology

if TYPE_CHECKING:
    from sessiondoctor.evidence.stores.located import Copy
    from sessiondoctor.evidence.stores.replicas import Replica, Replicas
    from sessiondoctor.evidence.stores.sentinels import Sentinels

KEY = "sess:abcdefgh12345678"


def info(**fields: object) -> bytes:
    """A reply to INFO."""
    return bulk("".join(f"{name}:{value}\r\n" for name, value in fields.items()))


def writing(step: int = 100) -> Reply:
    """A primary whose stream of writes grows at each look."""
    at = iter(range(1000, 10**6, step or 1))

    def reply(command: tuple[str, ...]) -> bytes:
        if command[0] != "INFO":
            return b""
        return info(role="master", master_replid="abc", master_repl_offset=next(at) if step else 1000)

    return reply


def following(offset: int, **changes: object) -> Reply:
    """A replica that stands still in the stream."""
    fields = {
        "role": "slave", "master_link_status": "up", "master_last_io_seconds_ago": 1, "slave_repl_offset": offset,
        "master_replid": "abc", "master_repl_offset": offset,
    } | changes  # fmt: skip
    return lambda command: info(**fields) if command[0] == "INFO" else b""


def looked(primary: Reply, replica: Reply) -> Replicas:
    """What is seen of the two."""

    async def run() -> Replicas:
        async with redis(primary) as one, redis(replica) as two:
            store = Store("sessions", "redis", (one.url,), replicas=(two.url,))
            return await probe.look(store, context(topology(stores=(store,))), apart_s=0.01)

    return asyncio.run(run())


def replica_of(primary: Reply, replica: Reply) -> Replica:
    """The replica alone."""
    (one,) = looked(primary, replica).replicas
    return one


def test_a_replica_in_step() -> None:
    """Everything that its primary has at a look it has, too."""
    seen = replica_of(writing(0), following(1000))
    assert (seen.role, seen.follows, seen.link_up, seen.silent_s) == ("slave", True, True, 1)
    assert (seen.behind_bytes, seen.behind_s) == (0, 0.0)


def test_a_replica_that_lags() -> None:
    """It lacks what the primary had at the first look, until the last."""
    seen = replica_of(writing(100), following(900))
    assert seen.behind_bytes == 100 * probe.LOOKS
    assert 0.01 <= seen.behind_s < 5


def test_a_replica_of_somebody_else() -> None:
    """Its data has another replication id."""
    seen = replica_of(writing(0), following(5, master_replid="xyz", master_link_status="down"))
    assert (seen.follows, seen.link_up) == (False, False)


def test_after_a_failover_the_earlier_id_counts() -> None:
    """A new primary still knows the id of the old one (master_replid2)."""
    primary = info(role="master", master_replid="new", master_replid2="abc", master_repl_offset=1000)
    seen = replica_of(lambda command: primary if command[0] == "INFO" else b"", following(1000))
    assert seen.follows


def test_a_replica_that_is_not_there() -> None:
    """It is listed, with the reason; the primary is looked at all the same."""

    async def run() -> Replicas:
        async with redis(writing(0)) as one:
            store = Store("sessions", "redis", (one.url,), replicas=(Secret("redis://127.0.0.1:1"),))
            return await probe.look(store, context(topology(stores=(store,))), apart_s=0)

    (seen,) = asyncio.run(run()).replicas
    assert (seen.answers, seen.endpoint) == (False, "127.0.0.1:1")
    assert "refused" in seen.reason


def test_without_its_primary_nothing_is_known() -> None:
    """Then there is no evidence."""

    async def run() -> None:
        store = Store("s", "redis", (Secret("redis://127.0.0.1:1"),), replicas=(Secret("redis://127.0.0.1:2"),))
        await probe.look(store, context(topology(stores=(store,))), apart_s=0)

    with pytest.raises(Unavailable):
        asyncio.run(run())


def test_plans() -> None:
    """Nothing is asked where nothing is declared; else primary and replicas, or each sentinel."""
    nothing = topology(stores=(redis_store("redis://10.0.0.9"),))
    for module in (probe, sentinels):
        (absent,) = module.plan(nothing, Options())
        assert isinstance(absent, Absent)
        assert absent.hint
    store = Store("s", "redis", (Secret("redis://10.0.0.9"),), replicas=(Secret("redis://10.0.0.10"),))
    (planned,) = probe.plan(topology(stores=(store,)), Options())
    assert isinstance(planned, Probe)
    assert set(planned.contacts) == {"10.0.0.9:6379", "10.0.0.10:6379"}
    behind = redis_store("redis+sentinel://10.0.0.1,10.0.0.2:5000/main")
    (planned,) = sentinels.plan(topology(stores=(behind,)), Options())
    assert isinstance(planned, Probe)
    assert set(planned.contacts) == {"10.0.0.1:26379", "10.0.0.2:5000"}


def test_each_sentinel_is_asked() -> None:
    """One names a primary, one another, one none."""

    def naming(host: str) -> Reply:
        named = array(bulk(host), bulk("6379")) if host else b"*-1\r\n"
        return lambda command: named if command[0] == "SENTINEL" else b""

    async def run() -> Sentinels:
        async with AsyncExitStack() as stack:
            asked = [await stack.enter_async_context(redis(naming(host))) for host in ("10.0.0.1", "10.0.0.2", "")]
            hosts = ",".join(f"127.0.0.1:{server.port}" for server in asked)
            site = topology(stores=(redis_store(f"redis+sentinel://{hosts}/main/0"),))
            (planned,) = sentinels.plan(site, Options())
            return await asyncio.to_thread(ask, planned, context(site))

    views = asyncio.run(run()).views
    assert [view.primary for view in views] == ["10.0.0.1:6379", "10.0.0.2:6379", ""]
    assert "knows no primary" in views[2].trouble


def copied(replica: Reply, *, still: bytes = b":60000\r\n") -> tuple[tuple[Copy, ...], FakeRedis]:
    """When a session that was written just now arrives at this replica; the primary says how long it lives."""

    async def run() -> tuple[tuple[Copy, ...], FakeRedis]:
        async with redis(lambda c: still if c[0] == "PTTL" else b"") as one, redis(replica) as two:
            store = Store("sessions", "redis", (one.url,), replicas=(two.url,))
            ctx = context(topology(stores=(store,)))
            async with open_all(store.url, ctx.redactor) as primaries:
                keyspace = RedisKeyspace("sessions", primaries, _Budget())
                stored = RedisSpot(keyspace, primaries.link, KEY.encode(), "sess:")
                now = asyncio.get_running_loop().time()
                return await arrivals([Written("app1", now, [stored])], ctx), two

    return asyncio.run(run())


def test_a_copy_that_is_there_at_once() -> None:
    """Seen at the first look, missed never."""
    (copy,), server = copied(lambda command: b":60000\r\n" if command[0] == "PTTL" else b"")
    assert copy.arrived_s is not None
    assert copy.absent_s == 0
    assert server.commands.count(("PTTL", KEY)) == 1


def test_a_copy_that_comes_late() -> None:
    """Missed, then seen."""
    answers = iter([b":-2\r\n", b":-2\r\n", b":60000\r\n"])
    (copy,), _ = copied(lambda command: next(answers) if command[0] == "PTTL" else b"")
    assert copy.arrived_s
    assert 0 < copy.absent_s < copy.arrived_s


def test_a_copy_that_never_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for a while; a session that has gone from the primary, too, tells nothing."""
    monkeypatch.setattr(copies, "PATIENCE_S", 0.1)
    absent: Reply = lambda command: b":-2\r\n" if command[0] == "PTTL" else b""  # noqa: E731 - a script of one line
    (copy,), server = copied(absent)
    assert copy.arrived_s is None
    assert copy.absent_s > 0
    assert len(server.commands) <= copies.MOST_LOOKS + 2
    assert copied(absent, still=b":-2\r\n")[0] == ()


@pytest.mark.parametrize("reply", [b"-MOVED 1 10.0.0.1:6379\r\n", b"-NOPERM no\r\n", b"-MASTERDOWN no\r\n", b"+OK\r\n"])
def test_a_replica_that_does_not_tell(reply: bytes) -> None:
    """Nothing is concluded."""
    assert copied(lambda command: reply if command[0] == "PTTL" else b"")[0] == ()
