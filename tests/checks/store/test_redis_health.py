from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.stores.census import Quantiles
from sessiondoctor.evidence.stores.redis_server import Persistence, Replication, SlowCommand, Speed, Spike
from sessiondoctor.evidence.stores.store_reach import StoreReach
from tests.checks.build import census, server, topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from sessiondoctor.evidence.stores.census import Census
    from sessiondoctor.evidence.stores.redis_server import RedisServer
    from tests.checks.conftest import Judge

SITE = topology()
"""Its sessions live for 1800 s."""

FULL: dict[str, Any] = {"used_memory": 100, "maxmemory": 100}
MIXED = {"db0": {"keys": 2000, "expires": 1000}}
ETERNAL = {"db0": {"keys": 2000, "expires": 0}}


def slow(**changes: Any) -> RedisServer:
    """A server of this speed, else a fast one."""
    settings: dict[str, Any] = {"median_ms": 0.3, "slowest_ms": 0.9, "slow": (), "spikes": ()}
    return server(speed=Speed(**(settings | changes)))


def young(**changes: Any) -> RedisServer:
    """A server that started a minute ago without data and is asked for sessions from before."""
    settings: dict[str, Any] = {"uptime_s": 60, "persistence": "none seen", "misses": 40, "hits": 3}
    return server(**(settings | changes))


def spring(longest_s: float) -> Census:
    """Sessions of Spring, of which the youngest expires after so many seconds."""
    return census(product="spring-session", ttl_s=Quantiles(1000, 1, 900, 1800, longest_s))


CASES = [
    case("evictions-rising", FAIL, server(evicted_delta=7, policy="allkeys-lru"), says="7 keys"),
    case("evictions-rising", FAIL, server(evicted_delta=7, policy="volatile-lru"), census(), says="volatile-lru"),
    # Only keys with an expiry are taken, and the sessions have none.
    case("evictions-rising", PASS, server(evicted_delta=7, policy="volatile-lru"), census(without_ttl=1000)),
    case("evictions-rising", FAIL, server(evicted_delta=7, policy="allkeys-lru"), census(without_ttl=1000)),
    case("evictions-rising", PASS, server(evicted_keys=7)),
    case("evictions-rising", UNSURE, server(evicted_keys=7, delta_s=0.0), says="second time"),
    case("evictions-counted", FAIL, server(evicted_keys=7, used_memory=95), says="7 keys"),
    case("evictions-counted", FAIL, server(evicted_delta=1)),
    case("evictions-counted", PASS, server(evicted_keys=7), says="10% of maxmemory"),
    case("evictions-counted", PASS, server()),
    case("policy-evicts-sessions", FAIL, server(used_memory=90, policy="allkeys-lru"), says="90%"),
    case("policy-evicts-sessions", FAIL, server(used_memory=90, policy="volatile-lru", databases=MIXED),
         says="only the 1000 of 2000 keys"),
    case("policy-evicts-sessions", PASS, server(used_memory=10, policy="volatile-lru", databases=MIXED), says="10%"),
    case("policy-evicts-sessions", PASS, server(used_memory=10, policy="allkeys-lru")),
    case("policy-evicts-sessions", PASS, server(used_memory=90, maxmemory=0, policy="allkeys-lru"), says="no maxmemory"),
    case("policy-evicts-sessions", PASS, server(used_memory=90)),
    case("oom-errors", FAIL, server(errors={"OOM": 3}), says="3 writes"),
    case("oom-errors", FAIL, server(errors_delta={"OOM": 3}), says="3 writes"),
    case("oom-errors", FAIL, server(**FULL), says="100%"),
    case("oom-errors", FAIL, server(**FULL, policy="volatile-lru", databases=ETERNAL), says="volatile-lru"),
    case("oom-errors", PASS, server(**FULL, policy="volatile-lru", databases=MIXED)),
    case("oom-errors", PASS, server(**FULL, policy="allkeys-lru")),
    case("store-is-readonly", FAIL, server(role="slave"), says="replica"),
    case("store-is-readonly", FAIL, server(errors={"READONLY": 2}), says="2 writes"),
    case("store-is-readonly", PASS, server()),
    case("store-is-readonly", FAIL, server(copies_refused={"10.0.0.8:6379": 7}), says="10.0.0.8:6379 has refused 7 writes"),
    case("store-is-readonly", FAIL, server(copies_refused={"h:1": 7, "h:2": 0}, copies_refused_delta={"h:1": 2}),
         says="2 of them during"),
    case("store-is-readonly", PASS, server(copies_refused={"h:1": 0})),
    case("store-writes-blocked", FAIL, server(errors={"MISCONF": 1}), says="MISCONF 1"),
    case("store-writes-blocked", FAIL, server(errors_delta={"NOREPLICAS": 1}), says="NOREPLICAS now"),
    case("store-writes-blocked", FAIL, server(rdb_last_bgsave_ok=False)),
    case("store-writes-blocked", FAIL, server(aof_last_write_ok=False)),
    case("store-writes-blocked", FAIL, server(replication=Replication(good=0)), says="no replica"),
    case("store-writes-blocked", PASS, server(replication=Replication(replicas=1, good=1))),
    case("store-writes-blocked", PASS, server()),
    case("store-url-leads-to-several", FAIL, server(processes=2), says="2 servers answer at 10.0.0.9:6379"),
    case("store-url-leads-to-several", PASS, server()),
    case("store-url-leads-to-several", NOT, server(shards=("10.0.0.9:6379", "10.0.0.10:6379"), processes=2), says="by design"),
    case("store-refused-writes", FAIL, server(errors_delta={"OOM": 3}), says="3 writes with OOM"),
    case("store-refused-writes", PASS, server(errors={"OOM": 3}, errors_delta={"ERR": 1})),
    case("store-refused-writes", FAIL, server(errors_delta={"READONLY": 1}), says="1 writes with READONLY"),
    case("store-refused-writes", FAIL, server(copies_refused_delta={"127.0.0.1:2": 2}), says="2 writes with READONLY"),
    case("store-refused-writes", UNSURE, server(errors={"OOM": 3}, delta_s=0.0), says="second time"),
    case("store-recently-emptied", FAIL, server(commands={"flushall": 1}, uptime_s=60), SITE, says="60 s"),
    case("store-recently-emptied", FAIL, server(commands_delta={"flushall": 1}), SITE, says="during this scan"),
    case("store-recently-emptied", FAIL, server(restarted=True, persistence="none seen"), SITE, says="restarted"),
    case("store-recently-emptied", FAIL, slow(slow=(SlowCommand("flushall", 30.0, 90),)), SITE, says="90 s ago"),
    case("store-recently-emptied", PASS, slow(slow=(SlowCommand("flushall", 30.0, 9000),)), SITE),
    case("store-recently-emptied", PASS, server(restarted=True, persistence="aof"), SITE),
    case("store-recently-emptied", PASS, server(uptime_s=60), SITE),
    case("store-recently-emptied", PASS, server(commands={"flushall": 1}), SITE),
    # It may be another database.
    case("store-recently-emptied", PASS, server(commands={"flushdb": 1}, uptime_s=60), SITE),
    case("database-recently-emptied", FAIL, server(commands={"flushdb": 2}, uptime_s=60), SITE, says="2 times"),
    case("database-recently-emptied", FAIL, server(commands_delta={"flushdb": 1}), SITE, says="which database"),
    case("database-recently-emptied", PASS, server(commands={"flushdb": 2}), SITE),
    case("store-restarted-empty", FAIL, young(), SITE, says="60 s ago"),
    case("store-restarted-empty", PASS, young(uptime_s=90_000), SITE),
    case("store-restarted-empty", PASS, young(persistence="aof"), SITE),
    case("store-restarted-empty", PASS, young(disk=Persistence(loaded=900)), SITE),
    case("store-restarted-empty", PASS, young(hits=400), SITE),
    case("store-restarted-empty", PASS, young(misses=2, hits=0), SITE),
    case("connections-rejected", FAIL, server(rejected_connections=4, maxclients=10), says="of 10 connections"),
    case("connections-rejected", FAIL, server(rejected_delta=4), says="4 connections"),
    case("connections-rejected", FAIL, server(connected_clients=10, maxclients=10), says="10 of 10"),
    case("connections-rejected", PASS, server(connected_clients=5, maxclients=10)),
    case("connections-exhausted", FAIL, StoreReach("sessions", "a:1", answers=False, trouble="full"), says="a:1"),
    case("connections-exhausted", PASS, StoreReach("sessions", "a:1", answers=True)),
    case("connections-exhausted", UNSURE, StoreReach("sessions", "a:1", answers=False, trouble="refused")),
    case("store-rejects-logins", FAIL, server(errors={"WRONGPASS": 9}), says="WRONGPASS 9"),
    case("store-rejects-logins", FAIL, server(errors_delta={"NOAUTH": 1}), says="during this scan"),
    case("store-rejects-logins", PASS, server(errors={"WRONGTYPE": 9})),
    case("store-answers-late", FAIL, slow(slowest_ms=1500.0), says="1500 ms"),
    case("store-answers-late", FAIL, slow(median_ms=120.0, slowest_ms=130.0), says="120 ms"),
    case("store-answers-late", PASS, slow(slowest_ms=40.0)),
    case("store-answers-late", UNSURE, server()),
    case("store-stalls", FAIL, slow(slow=(SlowCommand("keys", 900.0, 30),)), says="keys took 900 ms"),
    case("store-stalls", FAIL, slow(spikes=(Spike("fork", 800, 30),)), says="fork held it up"),
    case("store-stalls", FAIL, slow(fork_ms=700.0), says="700 ms"),
    case("store-stalls", PASS, slow(slow=(SlowCommand("keys", 900.0, 9000), SlowCommand("get", 12.0, 3)))),
    case("keyspace-notifications-off", FAIL, server(notify=""), spring(2099.0), SITE, says="lacks E"),
    case("keyspace-notifications-off", FAIL, server(notify="Kgx"), spring(2099.0), SITE, says="'Kgx'"),
    case("keyspace-notifications-off", PASS, server(notify="xgE"), spring(2099.0), SITE),
    case("keyspace-notifications-off", PASS, server(notify="AKE"), spring(2099.0), SITE),
    case("keyspace-notifications-off", UNSURE, server(), spring(2099.0), SITE, says="may not be asked"),
    case("keyspace-notifications-off", FAIL, server(notify=""), replace(spring(3900.0), helper_keys=1100), SITE),
    # The default repository keeps no key beyond the timeout; other stacks have no such index.
    case("keyspace-notifications-off", NOT, server(notify=""), spring(1799.0), SITE),
    case("keyspace-notifications-off", NOT, server(notify=""), census(), SITE),
    case("store-stalls", UNSURE, slow(slow=None), says="slow log"),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_the_health_of_a_redis(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)
