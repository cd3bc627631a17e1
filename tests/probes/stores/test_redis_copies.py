"""Replicas of a primary that sentinels name: what they refuse."""

from __future__ import annotations

import asyncio

from sessiondoctor.probes.stores import redis_copies
from sessiondoctor.redact import Redactor
from sessiondoctor.stores.redis.client import connect
from sessiondoctor.topology.model import Store
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import array, bulk, redis

REPLICA = bulk("role:slave\r\nerrorstat_READONLY:count=7\r\n")


def counted(scheme: str, *, extra: str = "") -> dict[str, int]:
    """What is found behind a primary, with one replica, that a URL of this scheme leads to."""

    async def run() -> dict[str, int]:
        async with redis(lambda c: REPLICA if c[0] == "INFO" else b"") as replica:
            lines = f"role:master\r\nslave0:ip=127.0.0.1,port={replica.port},state=online,offset=9,lag=0\r\n{extra}"
            async with redis(lambda c: bulk(lines) if c[0] == "INFO" else b"") as primary:
                named = array(bulk("127.0.0.1"), bulk(str(primary.port)))
                async with redis(lambda c: named if c[0] == "SENTINEL" else b"") as sentinel:
                    ports = {"redis": primary.port, "redis+sentinel": sentinel.port}
                    path = {"redis": "0", "redis+sentinel": "main/0"}[scheme]
                    url = Secret(f"{scheme}://127.0.0.1:{ports[scheme]}/{path}")
                    async with connect((url,), Redactor()) as link:
                        found = await redis_copies.find(Store("sessions", "redis", url=(url,)), link)
                    counts = await redis_copies.refusals(found)
                    return {place.replace(str(replica.port), "PORT"): count for place, count in counts.items()}

    return asyncio.run(run())


def test_a_replica_that_refuses_writes_is_counted() -> None:
    """The primary that the sentinels name tells of it."""
    assert counted("redis+sentinel") == {"127.0.0.1:PORT": 7}


def test_without_sentinels_nobody_is_asked() -> None:
    """What is not declared and leads nowhere is left alone."""
    assert counted("redis") == {}


def test_a_replica_that_is_gone_or_no_address_is_left_out() -> None:
    """It tells nothing; a port that there is not is none."""
    gone = "slave1:ip=127.0.0.1,port=1,state=online\r\nslave2:ip=127.0.0.1,port=99999,state=online\r\nslave3:x\r\n"
    assert counted("redis+sentinel", extra=gone) == {"127.0.0.1:PORT": 7}


def test_only_growth_between_two_looks_is_recent() -> None:
    """A server that told only once says nothing of what is new."""
    assert redis_copies.grown({"a": 1, "b": 2}, {"a": 4, "b": 2, "c": 9}) == {"a": 3}


def test_a_plan_announces_them_where_there_may_be_any() -> None:
    """Nobody is contacted of whom the plan said nothing."""
    watched, alone = Secret("redis+sentinel://h:26379/main/0"), Secret("redis://h:6379/0")
    assert "up to 4 replicas" in redis_copies.announced(Store("sessions", "redis", url=(watched,)))
    assert redis_copies.announced(Store("sessions", "redis", url=(alone,))) == ""
