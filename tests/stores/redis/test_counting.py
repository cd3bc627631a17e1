"""A census of a Redis: exact or a sample, bounded, paced, and no question asked twice where the answer is no."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.demo.store import store as demo_store
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.stores.census import Census, Quantiles
from sessiondoctor.stores.keys import Sorter
from sessiondoctor.stores.redis import counting
from sessiondoctor.stores.redis.address import RedisAddress
from sessiondoctor.stores.redis.client import Link
from sessiondoctor.stores.redis.counting import Bounds, ScanPace
from sessiondoctor.stores.redis.counting import take as take_census
from sessiondoctor.stores.redis.refusal import RedisTrouble
from sessiondoctor.stores.redis.tally import Survey
from sessiondoctor.topology.model import Store
from tests.fakes.peers import Reply, array, bulk, context, redis, redis_store, topology
from tests.fakes.virtual_time import now, run_at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessiondoctor.stores.redis.tally import Answers


def counted(fill: Callable[[str], None], *, keys: str = "", enough: int = 1000) -> Census:
    """The census of a store with these contents; `fill` is given its URL."""
    with demo_store() as port:
        url = f"redis://127.0.0.1:{port}/0"
        fill(url)
        store = redis_store(url, keys=keys)
        return asyncio.run(take_census(store, context(topology(stores=(store,))), enough))


def unknown_keys(census: Census) -> int:
    """Sampled keys that belong to no group and are no helpers."""
    return census.sampled - census.helper_keys - sum(group.keys for group in census.groups)


def sessions(url: str) -> None:
    """Ten Express sessions, one of them for ever; four Spring sessions with helpers; three keys of something else."""
    import redis as redis_py

    with redis_py.Redis.from_url(url) as client:
        for number in range(10):
            value = json.dumps({"cookie": {}, "n": number})
            client.set(f"sess:{number:032d}", value, ex=None if number == 0 else 1000 + number)
        for number in range(4):
            key = f"{number:08x}-1111-4111-8111-111111111111"
            client.hset(f"spring:session:sessions:{key}", "sessionAttr:cart", b"\xac\xed\x00\x05sr")
            client.expire(f"spring:session:sessions:{key}", 2100)
            client.set(f"spring:session:sessions:expires:{key}", "", ex=1800)
        for number in range(3):
            client.set(f"shop:{number}", "x")


def test_a_census_of_everything() -> None:
    """Groups by layout, with their life times, types and encodings; helper keys and others are set apart."""
    census = counted(sessions)
    assert (census.total_keys, census.sampled, census.exact) == (21, 21, True)
    assert unknown_keys(census) == 3
    express, spring = census.groups
    assert (express.product, express.prefix, express.keys, express.without_ttl) == ("express-session", "sess:", 10, 1)
    assert express.ttl_s
    assert express.ttl_s.count == 9
    assert 990 < express.ttl_s.low <= express.ttl_s.median <= express.ttl_s.high <= express.ttl_s.top <= 1009
    assert (express.types, express.encodings) == ({"string": 10}, {"json": 10})
    assert express.share == pytest.approx(10 / 21, abs=1e-4)
    assert (spring.product, spring.keys, spring.encodings) == ("spring-session", 4, {"java": 4})
    assert "0000000" not in repr(census)


def test_a_declared_pattern_makes_sessions_of_other_keys() -> None:
    """Keys of no known layout are sessions if the topology says so."""
    census = counted(sessions, keys="shop:*")
    declared = next(group for group in census.groups if group.product == "declared")
    assert (declared.prefix, declared.keys) == ("shop:", 3)
    assert unknown_keys(census) == 0


def test_an_empty_store() -> None:
    """No keys, no groups."""
    census = counted(lambda _: None)
    assert (census.total_keys, census.sampled, census.exact, census.groups) == (0, 0, True, ())


def of_keys(total: int, *, pttl: bytes = b":60000\r\n", asked: Counter[str] | None = None) -> Reply:
    """A store of `total` Express sessions, scanned in the order of their numbers."""
    others = {
        "DBSIZE": b":%d\r\n" % total,
        "PTTL": pttl,
        "TYPE": b"+string\r\n",
        "MEMORY": b":200\r\n",
        "GETRANGE": bulk('{"cookie"'),
    }

    def reply(command: tuple[str, ...]) -> bytes:
        if asked is not None:
            asked[command[0]] += 1
        if command[0] != "SCAN":
            return others.get(command[0], b"")
        start, count = int(command[1]), int(command[3])
        keys = [bulk(f"sess:{number:032d}") for number in range(start, min(total, start + count))]
        return array(bulk(str(min(total, start + count) % total)), array(*keys))

    return reply


def census_of(reply: Reply, enough: int, *, left_s: float = 60, **changes: Any) -> Census:
    """The census of a scripted store; `changes` are those of the options."""

    async def run() -> Census:
        async with redis(reply) as server:
            store = Store("sessions", "redis", url=(server.url,))
            ctx = context(topology(stores=(store,)))
            ends = asyncio.get_running_loop().time() + left_s
            return await take_census(store, replace(ctx, options=replace(ctx.options, **changes), ends=ends), enough)

    return asyncio.run(run())


def test_the_sample_is_bounded() -> None:
    """Of a large store only as much is asked as was announced, and only a few values are touched."""
    asked: Counter[str] = Counter()
    census = census_of(of_keys(5000, asked=asked), 1500)
    assert (census.total_keys, census.sampled, census.exact) == (5000, 2000, False)
    assert asked["SCAN"] == 2
    assert asked["PTTL"] == asked["MEMORY"] == asked["TYPE"] == 2000
    assert asked["GETRANGE"] == 20


def test_a_scan_that_never_ends_is_left() -> None:
    """A hostile server whose cursor never comes home does not hold us up."""

    def reply(command: tuple[str, ...]) -> bytes:
        return array(bulk("7"), b"*0\r\n") if command[0] == "SCAN" else b":1\r\n" if command[0] == "DBSIZE" else b""

    assert census_of(reply, 1000) == Census("sessions", 0, 1, 0, exact=False, groups=())


def test_what_may_not_be_asked_is_asked_once() -> None:
    """A forbidden command is tried on a single key: an ACL logs each refusal."""
    asked: Counter[str] = Counter()
    usual = of_keys(300, asked=asked)

    def reply(command: tuple[str, ...]) -> bytes:
        answer = usual(command)
        no = b"-NOPERM this user has no permissions to run the 'x' command\r\n"
        return no if command[0] in {"MEMORY", "TYPE"} else answer

    (group,) = census_of(reply, 1000).groups
    assert (group.keys, group.size_bytes, group.types, group.encodings) == (300, None, {}, {})
    assert asked["MEMORY"] == asked["TYPE"] == 1
    assert asked["PTTL"] == 300


def test_without_pttl_there_is_no_census() -> None:
    """Could not look is never a pass."""
    with pytest.raises(Unavailable, match="PTTL"):
        census_of(of_keys(10, pttl=b"-NOPERM this user has no permissions to run the 'pttl' command\r\n"), 1000)


def test_keys_that_the_acl_hides() -> None:
    """If no session key may be read, that is said instead of counting none."""
    with pytest.raises(Unavailable, match="read these keys"):
        census_of(of_keys(10, pttl=b"-NOPERM this user has no permissions to access one of the keys\r\n"), 1000)


def test_a_full_census_counts_every_key() -> None:
    """However many are enough for a sample."""
    asked: Counter[str] = Counter()
    census = census_of(of_keys(5000, asked=asked), 10, census="full")
    (group,) = census.groups
    assert (census.sampled, census.exact, census.rank_error, census.cut) == (5000, True, 0.0, "")
    assert (group.keys, group.types, group.size_bars) == (5000, {"string": 5000}, ((256.0, 5000),))
    assert asked["PTTL"] == asked["MEMORY"] == asked["TYPE"] == 5000
    assert census.touched == asked["GETRANGE"] == 20


def test_the_gentle_pace_asks_about_few_keys_at_a_time() -> None:
    """And finds the same."""
    asked: Counter[str] = Counter()
    census = census_of(of_keys(100, asked=asked), 10, census="full", rate=None)
    assert (census.sampled, census.exact, census.groups[0].keys) == (100, True, 100)
    assert asked["SCAN"] == 5


def test_a_full_census_that_the_end_of_the_scan_cuts_short() -> None:
    """It keeps what it has, and says that it is not all."""
    census = census_of(of_keys(5000), 10, left_s=0, census="full")
    assert census.cut == "the time was up before all keys were counted"
    assert not census.exact
    assert 0 < census.groups[0].keys < 5000
    assert census.rank_error > 0


def test_keys_that_expire_meanwhile_do_not_count() -> None:
    """There is nothing to be said of them."""
    gone = {"PTTL": b":-2\r\n", "TYPE": b"+none\r\n", "MEMORY": b"$-1\r\n", "OBJECT": b"$-1\r\n"}
    usual = of_keys(5)
    census = census_of(lambda command: gone.get(command[0]) or usual(command), 100)
    assert (census.sampled, census.groups) == (5, ())


def test_a_sample_leaves_repetitions_out() -> None:
    """SCAN may give a key twice while the server resizes its table."""
    usual = of_keys(3000)

    def reply(command: tuple[str, ...]) -> bytes:
        return usual(("SCAN", "0", "COUNT", "1000") if command[:2] == ("SCAN", "1000") else command)

    def home(command: tuple[str, ...]) -> bytes:
        """The second reply repeats the first and leads to the third."""
        again = reply(command)
        return again.replace(b"$4\r\n1000", b"$4\r\n2000", 1) if command[:2] == ("SCAN", "1000") else again

    assert census_of(home, 10_000).sampled == 2000
    assert census_of(home, 10_000, census="full").sampled == 3000


@pytest.mark.parametrize("nonsense", [b"*1\r\n:1\r\n", b"*0\r\n"])
@pytest.mark.parametrize("command", ["PTTL", "TYPE", "MEMORY"])
def test_what_no_redis_replies(command: str, nonsense: bytes) -> None:
    """A list is no time to live."""
    usual = of_keys(5)
    with pytest.raises(RedisTrouble, match="protocol"):
        census_of(lambda words: nonsense if words[0] == command else usual(words), 100)


@pytest.mark.parametrize(
    "nonsense", [b"$-1\r\n", b":-9\r\n", b"+x\x1b[31m\r\n", b"-ERR what\r\n", b"$3\r\n\xff\x00:\r\n"]
)
def test_odd_types_and_sizes_are_left_out(nonsense: bytes) -> None:
    """And nothing of them is shown."""
    usual = of_keys(5)
    odd = {"TYPE", "MEMORY", "OBJECT"}
    (group,) = census_of(lambda words: nonsense if words[0] in odd else usual(words), 100).groups
    assert (group.keys, group.types, group.size_bytes, group.objects) == (5, {}, None, {})


def test_keys_of_something_else_that_the_acl_hides_are_asked_about_once() -> None:
    """An ACL that names its keys logs each refusal."""
    asked: Counter[str] = Counter()
    usual = of_keys(100)

    def reply(command: tuple[str, ...]) -> bytes:
        if command[0] == "SCAN":
            keys = [bulk(f"sess:{number:032d}") for number in range(50)] + [bulk(f"shop:{n}") for n in range(50)]
            return array(bulk("0"), array(*keys))
        hidden = command[-1].startswith("shop:")
        asked[command[0]] += hidden
        return b"-NOPERM this user has no permissions to access one of the keys\r\n" if hidden else usual(command)

    census = census_of(reply, 1000)
    assert (census.groups[0].keys, unknown_keys(census)) == (50, 50)
    assert asked["PTTL"] == 1


def test_how_far_it_has_come_is_told() -> None:
    """For whoever waits."""
    told: list[str] = []

    async def run() -> None:
        async with redis(of_keys(3000)) as server:
            store = Store("sessions", "redis", url=(server.url,))
            await take_census(store, replace(context(topology(stores=(store,))), tell=told.append))

    asyncio.run(run())
    assert told
    assert told[0] == "1,000 of 3,000 keys"


class Scripted:
    """A server that needs a millisecond for a batch, in place of a stream; it knows what was sent unanswered."""

    def __init__(self, keys: int) -> None:
        self.link = Link(RedisAddress("host"), None)  # type: ignore[arg-type] # nothing is sent
        self.heard_at = 0.0
        self.waiting: list[Any] = []
        self.unread: list[int] = []
        self._keys = keys

    async def send(self, request: bytes) -> None:
        """Makes the replies at once, and notes how many of an earlier request were not taken yet."""
        self.unread.append(len(self.waiting))
        for command in request.split(b"*")[1:]:
            words = command.split(b"\r\n")[2::2]
            self.waiting.append(self._scanned(int(words[1])) if words[0] == b"SCAN" else self._answer(words[0]))

    async def take(self, wanted: int) -> list[Any]:
        """The next replies."""
        await asyncio.sleep(0.001)
        self.heard_at = asyncio.get_running_loop().time()
        taken, self.waiting = self.waiting[:wanted], self.waiting[wanted:]
        return taken

    def _scanned(self, start: int) -> list[Any]:
        end = start + 10
        names = [b"sess:%032d" % number for number in range(start, min(end, self._keys))]
        return [b"0" if end >= self._keys else b"%d" % end, names]

    def _answer(self, name: bytes) -> Any:
        return {b"TYPE": b"string", b"OBJECT": b"raw"}.get(name, 1000)


def walked(scan_pace: ScanPace) -> tuple[Scripted, Survey, float]:
    """A census of 200 keys at this pace, and how long it took by a clock that does not wait."""

    async def run() -> tuple[Scripted, Survey, float]:
        server, survey, began = Scripted(200), Survey(Sorter()), now()
        walk = counting._Walk(server, survey, scan_pace, Bounds(0, 1e9), lambda: None)  # type: ignore[arg-type]
        assert await walk.run()
        return server, survey, now() - began

    return run_at_once(run())


def test_ahead_the_next_batch_is_sent_before_the_last_is_answered() -> None:
    """So that the server never waits for us."""
    server, survey, _ = walked(ScanPace(10, 1.0, ahead=True))
    assert survey.sampled == survey.tallies["express-session", "sess:"].keys == 200
    assert sum(unread > 0 for unread in server.unread) > 15
    assert not server.waiting


def test_in_step_nothing_is_sent_before_all_is_answered() -> None:
    """So that other clients wait for one batch at most."""
    server, survey, _ = walked(ScanPace(10, 1.0, ahead=False))
    assert survey.tallies["express-session", "sess:"].keys == 200
    assert not any(server.unread)


def test_three_quarters_of_the_time_are_other_clients() -> None:
    """The rest is as long as the server's work asks for."""
    *_, hurried = walked(ScanPace(10, 1.0, ahead=False))
    *_, gentle = walked(ScanPace(10, 0.25, ahead=False))
    assert 3 < gentle / hurried < 5


def test_shards_are_merged() -> None:
    """As if one server had had all of their keys."""

    def counted_in(*keys: bytes) -> Survey:
        survey = Survey(Sorter(), complete=True)
        for tally, some in survey.sort(list(keys)):
            answers: Answers = {"PTTL": [5000] * len(some), "TYPE": [b"string"] * len(some), "MEMORY USAGE": [300]}
            tally.add(some, answers, "host:1")
        return survey

    one, other = counted_in(b"sess:aaaa", b"shop:1"), counted_in(b"sess:bbbb", b"sess:cccc")
    other.complete = False
    one.merge(other)
    one.merge(counted_in(b"PHPREDIS_SESSION:aaaa"))
    census = counting.evidence("sessions", 0, 5, one)
    assert (census.sampled, census.exact, unknown_keys(census)) == (5, False, 1)
    assert [(group.prefix, group.keys) for group in census.groups] == [("sess:", 3), ("PHPREDIS_SESSION:", 1)]
    assert census.groups[0].ttl_s == Quantiles(3, 5, 5, 5, 5)


def test_groups_are_bounded() -> None:
    """A store may hold as many prefixes as keys."""
    survey = Survey(Sorter())
    keys = [b"app%d:sess:%032d" % (number, number) for number in range(1000)]
    for tally, some in survey.sort(keys):
        tally.add(some, {"PTTL": [-1] * len(some)}, "host:1")
    census = counting.evidence("sessions", 0, 1000, survey)
    assert len(survey.tallies) == 200
    assert len(census.groups) == 20
    assert sum(group.keys for group in census.groups) + unknown_keys(census) == 1000
