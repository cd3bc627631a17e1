"""Stores: whether they answer, their own figures, and the census of session keys."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.census import Census
from sessiondoctor.evidence.stores.redis_server import Persistence, RedisServer, Replication, SlowCommand, Spike
from sessiondoctor.evidence.stores.store_reach import StoreReach
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.stores import census as census_probe
from sessiondoctor.probes.stores import redis_server, store_reach
from sessiondoctor.probes.stores.redis_server import look
from sessiondoctor.stores.keys import escaped, prefix_of, session_layout
from sessiondoctor.stores.redis import info as redis_info
from sessiondoctor.stores.redis import reach
from sessiondoctor.topology.model import Node, Store
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import FakeRedis, Reply, array, bulk, context, redis, redis_store, topology

if TYPE_CHECKING:
    from collections.abc import Callable

PASSWORD = "pa55-w0rd"
PROBES = (store_reach, redis_server, census_probe)
KINDS = (StoreReach, RedisServer, Census)


def planned(*stores: Store) -> list[Probe | Absent]:
    """What is planned for these stores."""
    site = topology(stores=stores)
    return [entry for module in PROBES for entry in module.plan(site, Options())]


def test_three_questions_to_each_store() -> None:
    """Every redis store is reached, looked at and counted; the plan names host and port, never the password."""
    entries = planned(redis_store(f"redis://:{PASSWORD}@10.0.0.9:7000/1", "redis://10.0.0.10"))
    assert [entry.evidence for entry in entries] == list(KINDS)
    assert all(
        isinstance(entry, Probe) and set(entry.contacts) == {"10.0.0.9:7000", "10.0.0.10:6379"} for entry in entries
    )
    assert {entry.subject for entry in entries} == {"sessions"}
    assert PASSWORD not in repr(entries)


@pytest.mark.parametrize(
    "stores", [(), (Store("cache", "hazelcast", url=(Secret("hazelcast://h:1"),)),), (Store("r", "redis"),)]
)
def test_stores_that_are_not_looked_at(stores: tuple[Store, ...]) -> None:
    """No store, another kind, no url: absent, with what to do about it where that is to declare a Redis."""
    entries = planned(*stores)
    assert [entry.evidence for entry in entries] == list(KINDS)
    assert all(isinstance(entry, Absent) and entry.reason for entry in entries)
    other_kind = any(store.kind == "hazelcast" for store in stores)
    assert [bool(entry.hint) for entry in entries if isinstance(entry, Absent) and entry.evidence is RedisServer] == [
        not other_kind
    ]


def test_stores_that_only_a_node_is_told_of() -> None:
    """They are reached and looked at under the node's name; a store that is declared is not asked twice."""
    told = Node("app2", store_url=Secret("redis://:pw@10.0.0.7/0"))
    same = Node("app1", store_url=Secret("redis://10.0.0.9:6379/1"))
    site = topology(stores=(redis_store("redis://10.0.0.9"),), nodes=(same, told))
    entries = [entry for module in PROBES for entry in module.plan(site, Options())]
    asked = [
        (entry.evidence, entry.contacts) for entry in entries if isinstance(entry, Probe) and entry.subject == "app2"
    ]
    assert asked == [(StoreReach, {"10.0.0.7:6379": 6}), (RedisServer, {"10.0.0.7:6379": asked[1][1]["10.0.0.7:6379"]})]


def reached(reply: Reply, **of: str) -> StoreReach:
    """What is said of a store that answers so."""

    async def run() -> StoreReach:
        async with redis(reply) as server:
            store = redis_store(f"redis://{of.get('login', '')}127.0.0.1:{server.port}/{of.get('database', '0')}")
            return await reach(store, context(topology(stores=(store,))))

    return asyncio.run(run())


def test_a_store_that_answers() -> None:
    """An answer without trouble."""
    found = reached(lambda _: b"")
    assert found.answers
    assert not found.trouble


def test_a_refused_connection_is_an_observation() -> None:
    """Nobody there: evidence, not an error."""
    store = redis_store("redis://127.0.0.1:1")
    found = asyncio.run(reach(store, context(topology(stores=(store,)))))
    assert found == StoreReach("sessions", "127.0.0.1:1", answers=False, trouble="refused", reason=found.reason)
    assert "refused" in found.reason


@pytest.mark.parametrize(
    ("reply", "answers", "trouble"),
    [
        (b"-NOAUTH Authentication required.\r\n", False, "auth"),
        (b"-WRONGPASS no\r\n", False, "auth"),
        (b"-ERR max number of clients reached\r\n", False, "full"),
        (b"+OK\r\n", False, "not-redis"),
        (b"-LOADING wait\r\n", True, ""),
        (b"-NOPERM this user has no permissions to run the 'time' command\r\n", True, ""),
    ],
)
def test_kinds_of_trouble(reply: bytes, answers: bool, trouble: str) -> None:  # noqa: FBT001 - a column of the table
    """Each is told apart; a server that loads or forbids a command is there."""
    found = reached(lambda _: reply)
    assert (found.answers, found.trouble) == (answers, trouble)


def test_a_missing_database() -> None:
    """A database number that the server does not have is refused."""
    found = reached(lambda c: b"-ERR DB index is out of range\r\n" if c[0] == "SELECT" else b"", database="99")
    assert found.trouble == "refused"
    assert "no database 99" in found.reason


INFO = """\
# Server
redis_version:7.0.15
uptime_in_seconds:86400
# Clients
connected_clients:5
maxclients:10000
# Memory
used_memory:900
maxmemory:1000
maxmemory_policy:allkeys-lru
lru_clock:zzz
# Persistence
loading:0
rdb_last_bgsave_status:err
aof_enabled:1
aof_last_write_status:ok
# Stats
expired_keys:7
rejected_connections:2
# Replication
role:slave
master_link_status:down
# Keyspace
db0:keys=10,expires=8,avg_ttl=1234
db3:keys=1,expires=0,avg_ttl=0
evil:\x1b[2J
"""
COMMANDSTATS = """\
# Commandstats
cmdstat_flushall:calls=1,usec=3,usec_per_call=3.00,rejected_calls=0,failed_calls=0
cmdstat_set:calls=9,usec=3,usec_per_call=0.33,rejected_calls=4,failed_calls=0
cmdstat_memory|usage:calls=0,usec=0,usec_per_call=0.00,rejected_calls=3,failed_calls=0
"""
SERVER = "run_id:aa\nuptime_in_seconds:86400\n"
ERRORSTATS = "# Errorstats\nerrorstat_OOM:count=12\nerrorstat_NOPERM:count=5\nerrorstat_\x1b[2J:count=1\n"


def of_info(evicted: Callable[[], int], *, without: str = "nothing") -> Reply:
    """A server that knows INFO, CONFIG GET and one key."""
    sections = {
        "commandstats": COMMANDSTATS,
        "errorstats": ERRORSTATS,
        "cluster": "cluster_enabled:0",
        "server": SERVER,
    }
    info = "\n".join(line for line in INFO.splitlines() if not line.startswith(without))
    others = {
        "SCAN": array(bulk("0"), array(bulk("sess:abc"))),
        "MEMORY": b"-NOPERM this user has no permissions to run the 'memory|usage' command\r\n",
        "DBSIZE": b":5\r\n",
        "PTTL": b":5\r\n",
        "TYPE": b"+string\r\n",
        "GETRANGE": bulk(""),
        "HSCAN": array(bulk("0"), array()),
        "CONFIG": array(bulk("name"), bulk("4321")),
    }

    def reply(command: tuple[str, ...]) -> bytes:
        if command[0] == "INFO":
            text = sections.get(command[-1]) or f"{info}\nevicted_keys:{evicted()}\n"
            return bulk(text.replace("\n", "\r\n"))
        return others.get(command[0], b"")

    return reply


async def nobody_writes(kind: type[Any]) -> Any:
    """There is no other evidence to wait for."""
    raise Unavailable(f"no {kind.__name__} was planned")


def looked(reply: Reply) -> tuple[RedisServer, FakeRedis]:
    """The figures of a server, and what it was asked."""

    async def run() -> tuple[RedisServer, FakeRedis]:
        async with redis(reply) as server:
            store = Store("sessions", "redis", url=(server.url,))
            ctx = replace(context(topology(stores=(store,))), need=nobody_writes)
            return await look(store, ctx, apart_s=0.01), server

    return asyncio.run(run())


def test_the_servers_own_figures() -> None:
    """INFO is read field by field; what is no number or word is left out."""
    counts = iter((3, 10))
    found, server = looked(of_info(lambda: next(counts)))
    assert (found.version, found.role, found.policy) == ("7.0.15", "slave", "allkeys-lru")
    assert (found.used_memory, found.maxmemory, found.uptime_s) == (900, 1000, 86400)
    assert found.databases == {
        "db0": {"keys": 10, "expires": 8, "avg_ttl": 1234},
        "db3": {"keys": 1, "expires": 0, "avg_ttl": 0},
    }
    assert (found.evicted_keys, found.evicted_delta) == (3, 7)
    assert found.delta_s > 0
    assert found.commands == {"flushall": 1, "set": 9}
    assert not found.rdb_last_bgsave_ok
    assert found.persistence == "aof"
    assert found.missing_rights == ("MEMORY USAGE", "OBJECT ENCODING", "OBJECT IDLETIME")
    assert "CONFIG" not in server.names  # a narrow ACL would refuse and log it


SLOW = array(
    array(b":7\r\n", b":1699999900\r\n", b":1500123\r\n", array(bulk("EVAL"), bulk(PASSWORD)), bulk("10.0.0.1:5")),
    array(b":6\r\n", b":1699990000\r\n", b":20000\r\n", array(bulk(f"{PASSWORD} \x1b[2J"), bulk("sess:abc"))),
    array(b":5\r\n", bulk("nonsense")),
)
SPIKES = array(
    array(bulk("fork"), b":1699999990\r\n", b":800\r\n", b":900\r\n"), array(bulk("\x1b[2J"), b":1\r\n"), b":3\r\n"
)
SETTINGS = {"notify-keyspace-events": "xE"}
NOW = "server_time_usec:1700000000123456\nlatest_fork_usec:250000\nrun_id:aa\n"


def healthy(command: tuple[str, ...], more: str = "") -> bytes:
    """A server that lets its default user ask everything."""
    answers = {
        "INFO": bulk("" if command[1:] else f"{NOW}{more}"),
        "SLOWLOG": SLOW,
        "LATENCY": SPIKES,
        "CONFIG": array(bulk(command[-1]), bulk(SETTINGS.get(command[-1], "0"))),
        "DBSIZE": b":0\r\n",
        "SCAN": array(bulk("0"), array()),
    }
    return answers.get(command[0], b"")


@pytest.mark.parametrize(
    ("sections", "processes"),
    [
        (("run_id:aa\nuptime_in_seconds:86400\n",), 1),
        (("run_id:aa\nuptime_in_seconds:86400\n", "run_id:bb\nuptime_in_seconds:900\n"), 2),
        (("run_id:cc\nuptime_in_seconds:0\n",), 1),
    ],
    ids=["one", "two by turns", "one that restarted"],
)
def test_how_many_servers_are_behind_the_url(sections: tuple[str, ...], processes: int) -> None:
    """By their run ids, one connection after the other; a server that has just begun took the place of another."""
    turns = itertools.cycle(sections)
    found, _ = looked(lambda c: bulk(next(turns)) if c == ("INFO", "server") else healthy(c))
    assert found.processes == processes


def test_slow_commands_by_name_only() -> None:
    """How long and how long ago; an argument, a key or what is no name of a command is not kept."""
    found, _ = looked(healthy)
    assert found.speed.slow == (SlowCommand("eval", 1500.123, 100), SlowCommand("unknown", 20.0, 10_000))
    assert found.speed.spikes == (Spike("fork", 800, 10),)
    assert PASSWORD not in repr(found)
    assert "sess:" not in repr(found)


def test_settings_and_speed() -> None:
    """A setting, the latest fork, and our own round trips."""
    found, _ = looked(healthy)
    assert found.notify == "xE"
    assert found.speed.fork_ms == 250.0
    median, slowest = found.speed.median_ms, found.speed.slowest_ms
    assert median is not None
    assert slowest is not None
    assert 0.0 < median <= slowest


def test_a_user_of_its_own_is_not_asked_for_extras() -> None:
    """A narrow ACL would refuse and log them."""

    async def run() -> tuple[RedisServer, FakeRedis]:
        async with redis(lambda c: b"+OK\r\n" if c[0] == "AUTH" else healthy(c)) as server:
            store = redis_store(f"redis://doctor:{PASSWORD}@127.0.0.1:{server.port}/0")
            ctx = replace(context(topology(stores=(store,))), need=nobody_writes)
            return await look(store, ctx, apart_s=0.01), server

    found, server = asyncio.run(run())
    assert not server.names & {"SLOWLOG", "LATENCY"}
    assert (found.notify, found.speed.slow, found.speed.spikes) == (None, None, None)
    assert found.speed.median_ms is not None


def test_one_refusal_ends_the_extras() -> None:
    """A default user that may not read the slow log is asked no more."""
    no = b"-NOPERM this user has no permissions to run the 'slowlog|get' command\r\n"
    found, server = looked(lambda c: no if c[0] == "SLOWLOG" else healthy(c))
    assert found.missing_rights == ("SLOWLOG GET",)
    assert [c for c in server.commands if c[0] in {"SLOWLOG", "LATENCY"}] == [("SLOWLOG", "GET", "16")]


def test_what_counters_grew_by() -> None:
    """Errors, commands, rejected and expired: the second look minus the first; another run id is another process."""
    looks = iter(
        (
            ("errorstat_OOM:count=1\ncmdstat_flushall:calls=1\nrejected_connections:2\n", "run_id:aa\n"),
            ("errorstat_OOM:count=4\ncmdstat_flushall:calls=2\nrejected_connections:9\n", "run_id:bb\n"),
        )
    )

    def reply(command: tuple[str, ...]) -> bytes:
        return bulk("".join(next(looks))) if command == ("INFO",) else healthy(command)

    found, _ = looked(reply)
    assert (found.errors, found.errors_delta) == ({"OOM": 1}, {"OOM": 3})
    assert (found.commands_delta, found.rejected_delta) == ({"flushall": 1}, 7)
    assert found.restarted


def test_a_server_that_goes_away_between_the_looks() -> None:
    """The first look stands, and no time has passed: nothing can be said of what grew."""
    asked: Counter[str] = Counter()

    def reply(command: tuple[str, ...]) -> bytes:
        asked[" ".join(command)] += 1
        return b"-LOADING wait\r\n" if asked["INFO"] > 1 else healthy(command, "evicted_keys:5\n")

    found, _ = looked(reply)
    assert (found.evicted_keys, found.evicted_delta, found.delta_s, found.restarted) == (5, 0, 0.0, False)


def test_replicas_and_disk() -> None:
    """How far the slowest replica is behind, how many count, and what was loaded."""
    primary = (
        "role:master\nconnected_slaves:2\nmin_slaves_good_slaves:1\nmaster_repl_offset:900\n"
        "slave0:ip=10.0.0.2,port=6379,state=online,offset=880,lag=0\nslave1:ip=x,offset=200,lag=1\n"
        "rdb_last_save_time:1699999000\nrdb_changes_since_last_save:12\nrdb_last_load_keys_loaded:70\n"
    )
    found, _ = looked(lambda c: healthy(c, primary))
    assert found.replication == Replication(replicas=2, good=1, silent_s=None, behind=700)
    assert found.disk == Persistence(loaded=70)
    replica, _ = looked(lambda c: healthy(c, "role:slave\nmaster_last_io_seconds_ago:4\nmaster_repl_offset:900\n"))
    assert replica.replication == Replication(silent_s=4)


def test_refusals_to_tools_are_not_the_applications_errors() -> None:
    """NOPERM that this tool itself was answered with, now or earlier, is taken off."""
    found, _ = looked(of_info(lambda: 0))
    assert found.errors == {"OOM": 12, "NOPERM": 2}


def test_config_get_fills_in_what_info_lacks() -> None:
    """Redis before 7 does not tell maxclients."""
    found, server = looked(of_info(lambda: 0, without="maxclients"))
    assert found.maxclients == 4321
    assert ("CONFIG", "GET", "maxclients") in server.commands


def test_info_that_may_not_be_asked() -> None:
    """Without INFO there is no evidence, and the hint names the right."""
    with pytest.raises(Unavailable) as caught:
        looked(lambda c: b"-NOPERM User x has no permissions to run the 'info' command\r\n" if c[0] == "INFO" else b"")
    assert "+info" in caught.value.hint


def test_info_of_nonsense() -> None:
    """Endless lines, huge numbers and empty values end well."""
    nonsense = "\r\n".join(["uptime_in_seconds:" + "9" * 5000, "used_memory:", "db0:keys=,expires=x", ":", "x:" * 9000])
    found, _ = looked(lambda c: bulk(nonsense) if c[0] == "INFO" else b":0\r\n" if c[0] == "DBSIZE" else b"")
    assert (found.uptime_s, found.used_memory, found.databases["db0"]) == (0, 0, {})


def test_globs() -> None:
    """Redis' own patterns: the declared ones match as SCAN MATCH would, an id never is one."""
    assert session_layout(b"app:ab:1", ["app:*:?"])
    assert session_layout(b"app:ab:12", ["app:*:?"]) is None
    assert session_layout(b"a*c", [r"a\*c"])
    assert session_layout(b"abc", [r"a\*c"]) is None
    assert session_layout(b"mine1", ["mine"])
    assert prefix_of("app:{x}:*") == "app:{x}:"
    assert escaped("a*b?c[d]e\\") == rb"a\*b\?c\[d\]e\\"


def test_counters_of_old_servers() -> None:
    """Redis before 6.2 has neither error statistics nor rejected calls."""
    assert redis_info.error_counts({}) == {}
    assert redis_info.command_calls({"cmdstat_del": "calls=3,usec=1,usec_per_call=0.33"}) == {"del": 3}
    assert redis_info.persistence({"aof_enabled": "0", "rdb_last_bgsave_time_sec": "-1"}) == "none seen"
