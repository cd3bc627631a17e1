"""A census of twenty thousand sessions in a real Redis, beside a look at every key by a plain client."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
import redis

from sessiondoctor.stores.redis.address import MINIMAL
from sessiondoctor.stores.redis.counting import ENOUGH, take
from sessiondoctor.topology.model import Store
from sessiondoctor.topology.secret import Secret
from tests.benchmarks.session_keys import filled_redis
from tests.fakes.peers import context, topology

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.stores.census import Census

KEYS = 20_000
IDLE_S = 2.1
USER = f"on >secret ~* -@all {MINIMAL} +getrange +hscan"


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A Redis that nobody else has looked at for a while."""
    with filled_redis(KEYS) as filled:
        time.sleep(IDLE_S)
        yield filled


def census(port: int, user: str = "", *, enough: int = ENOUGH, **options: Any) -> Census:
    """Ours."""
    store = Store("sessions", "redis", url=(Secret(f"redis://{user}127.0.0.1:{port}/0"),))
    ctx = context(topology(stores=(store,)))
    wanted = replace(ctx.options, **{"rate": 0, **options})
    return asyncio.run(take(store, replace(ctx, options=wanted), enough))


@dataclass
class Truth:
    """What a plain client sees of the keys of one prefix."""

    keys: int = 0
    without_ttl: int = 0
    ttls: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    types: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    objects: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def truth(port: int) -> dict[str, Truth]:
    """Every key, asked one by one."""
    found: dict[str, Truth] = defaultdict(Truth)
    with redis.Redis(port=port, decode_responses=True) as client:
        for key in client.scan_iter(count=1000):
            group = found[key.rpartition(":")[0] + ":"]
            group.keys += 1
            ttl = client.pttl(key)
            group.without_ttl += ttl == -1
            group.ttls += [ttl] if ttl >= 0 else []
            group.sizes.append(client.memory_usage(key) or 0)
            group.types[client.type(key)] += 1
            group.objects[client.object("ENCODING", key)] += 1
    return found


def test_a_full_census_is_exact(port: int) -> None:
    """Counts, types, encodings and the largest are those that a plain client sees; quantiles within one percent."""
    counted, seen = census(port, census="full"), truth(port)
    helpers = seen.pop("spring:session:sessions:expires:")
    assert (counted.total_keys, counted.sampled, counted.helper_keys, counted.exact) == (KEYS, KEYS, helpers.keys, True)
    assert {group.prefix for group in counted.groups} == set(seen)
    for group in counted.groups:
        plain = seen[group.prefix]
        assert group.ttl_s
        assert group.size_bytes
        assert (group.keys, group.without_ttl) == (plain.keys, plain.without_ttl)
        assert (group.types, group.objects) == (plain.types, plain.objects)
        assert (group.size_bytes.low, group.size_bytes.top) == (min(plain.sizes), max(plain.sizes))
        assert group.size_bytes.median == pytest.approx(sorted(plain.sizes)[len(plain.sizes) // 2], rel=0.01)
        assert group.ttl_s.median == pytest.approx(sorted(plain.ttls)[len(plain.ttls) // 2] / 1000, rel=0.01)
        assert sum(count for _, count in group.ttl_bars) == len(plain.ttls)
        assert sum(count for _, count in group.size_bars) == plain.keys


def test_no_idle_time_is_reset_but_of_the_values_looked_into(port: int) -> None:
    """And these are said."""
    counted = census(port, census="full")
    with redis.Redis(port=port) as client:
        pipeline = client.pipeline(transaction=False)
        for key in client.scan_iter(count=1000):
            pipeline.object("IDLETIME", key)
        idle = pipeline.execute()
    assert 0 < counted.touched <= 60
    assert sum(seconds < int(IDLE_S) for seconds in idle) <= 2 * counted.touched  # this test's, and the one before


def test_a_sample_is_like_the_whole(port: int) -> None:
    """Of a tenth of the keys, each quantile within what is stated."""
    sample, whole = census(port, enough=2000), {group.prefix: group for group in census(port, census="full").groups}
    assert not sample.exact
    assert 2000 <= sample.sampled < KEYS / 4
    for group in sample.groups:
        assert group.share == pytest.approx(whole[group.prefix].share, abs=2 * sample.rank_error)
        assert group.objects.keys() <= whole[group.prefix].objects.keys()


def worked_s(client: redis.Redis) -> float:
    """Processor seconds of the server."""
    told = client.info("cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"])


def test_the_default_pace_leaves_the_server_to_others(port: int) -> None:
    """Of the time of a full census, the server works for us a quarter at most, and a little for itself."""
    with redis.Redis(port=port) as client:
        began, before = time.monotonic(), worked_s(client)
        assert census(port, census="full", rate=None).exact
        assert worked_s(client) - before < 0.3 * (time.monotonic() - began)


def test_a_narrow_user_is_enough(port: int) -> None:
    """Nothing is refused, so that nothing is logged."""
    with redis.Redis(port=port) as client:
        client.execute_command("ACL", "SETUSER", "doctor", *USER.split())
        client.acl_log_reset()
        assert census(port, "doctor:secret@", census="full").exact
        assert client.acl_log() == []


def test_the_server_sees_no_other_command_than_those_documented(port: int) -> None:
    """Its own MONITOR shows what comes over the wire: none of a client library's, none that reads a whole value."""
    with redis.Redis(port=port) as other, redis.Redis(port=port) as watcher:
        other.ping()  # its own greeting is not to be seen
        with watcher.monitor() as monitor:
            census(port)
            other.echo("the end")
            seen = _commands_before_echo(monitor)
    assert {"SCAN", "PTTL"} <= seen
    assert seen <= {"PING", "INFO", "SCAN", "PTTL", "TYPE", "OBJECT", "MEMORY", "DBSIZE", "GETRANGE", "HSCAN", "SELECT"}


def _commands_before_echo(monitor: Any) -> set[str]:
    """The names of the commands that clients sent."""
    seen: set[str] = set()
    last = ""
    while last != "ECHO":
        seen.add(last)
        last = monitor.next_command()["command"].split(" ")[0].upper()
    return seen - {""}
