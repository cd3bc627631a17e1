"""Our own sessions are found in the stores, and what becomes of their keys is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
import redis as redis_py

from sessiondoctor.context import Options
from sessiondoctor.demo.store import store as demo_store
from sessiondoctor.errors import Unavailable
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.stores.located import Pause, locate, plan
from sessiondoctor.probes.stores.lookups import ROUNDS
from sessiondoctor.stores.contract import Source
from sessiondoctor.stores.redis import keyspace
from sessiondoctor.stores.search import Search
from sessiondoctor.topology.model import Node, Site, Store, Topology
from sessiondoctor.topology.secret import Secret
from sessiondoctor.topology.steps import Extract, Flow, Step
from tests.fakes.peers import array, bulk, context, redis, topology
from tests.fakes.serving import serve

if TYPE_CHECKING:
    from sessiondoctor.evidence.stores.located import Located
    from tests.fakes.serving import Server

FLOW = Flow(write=(Step("/cart", "POST", form={"item": "{marker}"}),), read=(Step("/cart", expect="{marker}"),))
PAUSE = Pause(0.05, 0.05)


@dataclass(slots=True)
class App:
    """An application that keeps sessions in Redis under `prefix`, and cookies called `cookie`.

    `on_read` is done to the key at each read; `ids` makes the ids.
    """

    port: int
    prefix: str = "sess:"
    database: int = 0
    ttl_s: int = 600
    cookie: str = "connect.sid"
    on_read: Callable[[redis_py.Redis, str], Any] = lambda _client, _key: None
    ids: list[str] = field(default_factory=list)

    def __call__(self, request: bytes) -> bytes:
        """Writes by POST, reads by anything else."""
        with redis_py.Redis(port=self.port, db=self.database) as client:
            return self._write(client, request) if request.startswith(b"POST") else self._read(client, request)

    def _write(self, client: redis_py.Redis, request: bytes) -> bytes:
        sid = f"{self.prefix.encode().hex()[:6]:0<6}{len(self.ids):026d}"
        self.ids.append(sid)
        client.set(self.prefix + sid, b'{"cookie":{},"item":"' + request.rpartition(b"item=")[2] + b'"}', ex=self.ttl_s)
        value = f"s%3A{sid}.{'A' * 43}"
        return f"HTTP/1.1 200 OK\r\nSet-Cookie: {self.cookie}={value}; Path=/\r\nContent-Length: 0\r\n\r\n".encode()

    def _read(self, client: redis_py.Redis, request: bytes) -> bytes:
        key = self.prefix + request.partition(b"s%3A")[2].partition(b".")[0].decode()
        self.on_read(client, key)
        body = client.get(key) or b""
        assert isinstance(body, bytes)
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


@contextmanager
def stores(count: int = 1) -> Iterator[list[int]]:
    """Runs so many stores; their ports."""
    with ExitStack() as stack:
        yield [stack.enter_context(demo_store()) for _ in range(count)]


def of(ports: list[int], nodes: list[Server], **node: Any) -> Topology:
    """A topology of these nodes, and of the first store under the name `sessions`."""
    urls = [Secret(f"redis://127.0.0.1:{port}/0") for port in ports]
    return topology(
        site=Site("http://127.0.0.1:9/", flow=FLOW),
        nodes=tuple(Node(f"app{n}", url=server.url, **node) for n, server in enumerate(nodes, 1)),
        stores=(Store("sessions", "redis", url=(urls[0],)),),
    )


def located(apps: list[App], ports: list[int], *, pause: Pause = PAUSE, **node: Any) -> Located:
    """What is found of the sessions of these applications."""

    async def run() -> Located:
        async with serve(apps[0]) as first, serve(apps[-1]) as second:
            nodes = [first, second][: len(apps)]
            given = context(of(ports, nodes, **node))
            async with given.wire:
                return await locate(given, pause)

    return asyncio.run(run())


def test_two_nodes_with_one_store() -> None:
    """Each session is one key, with all that there is to say of it, and no id anywhere."""
    with stores() as ports:
        apps = [App(ports[0]), App(ports[0])]
        apps[1].ids.append("")  # so that both do not make the same ids
        found = located(apps, ports)
    assert found.searchable
    assert found.searched == (f"127.0.0.1:{ports[0]}/0",)
    assert [session.node for session in found.sessions] == ["app1", "app2"]
    for session in found.sessions:
        (place,) = session.places
        assert (place.store, place.prefix, place.layout, place.encoding) == (
            "sessions",
            "sess:",
            "express-session",
            "json",
        )
        assert (place.endpoint, place.home) == (f"127.0.0.1:{ports[0]}", f"127.0.0.1:{ports[0]}/0")
        assert place.ttl_s == pytest.approx(600, abs=1)
        assert place.ttl_after_read_s == pytest.approx(600, abs=1)
        assert place.paused_s >= PAUSE.own_s
        assert place.size_bytes
        assert session.session.startswith("sid:")
        assert session.gone_after_read_on == ()
    assert not any(sid in repr(found) for app in apps for sid in app.ids if sid)


def test_other_database_and_other_prefix() -> None:
    """A node that keeps them elsewhere on the same server is found: by the key space, then by a scan."""
    with stores() as ports:
        found = located([App(ports[0]), App(ports[0], prefix="weird~", database=3)], ports)
    first, second = found.sessions
    assert (first.places[0].home, first.places[0].prefix) == (f"127.0.0.1:{ports[0]}/0", "sess:")
    assert (second.places[0].home, second.places[0].prefix) == (f"127.0.0.1:{ports[0]}/3", "weird~")
    assert second.places[0].layout == "unknown"


def test_a_node_is_told_another_store() -> None:
    """The store that only a node's store_url names is searched, too."""
    with stores(2) as ports:
        found = located([App(ports[1])], ports, store_url=Secret(f"redis://127.0.0.1:{ports[1]}/0"))
    (session,) = found.sessions
    assert session.places[0].endpoint == f"127.0.0.1:{ports[1]}"
    assert session.places[0].store == "app1"


def test_a_session_that_is_in_no_store() -> None:
    """No place, and that is certain."""
    with stores(2) as ports:
        found = located([App(ports[1])], ports)
    assert found.searchable
    assert [session.places for session in found.sessions] == [()]


def test_a_store_that_was_not_searched_proves_nothing() -> None:
    """A session may be in the store that does not answer: nothing is said of it."""
    with stores(2) as ports:
        found = located([App(ports[1])], ports, store_url=Secret("redis://127.0.0.1:1"))
    assert not found.searchable
    assert found.sessions == ()
    assert "refused" in found.why_not


def test_reading_that_prolongs() -> None:
    """A read that sets the expiry anew, and one that leaves it alone."""
    with stores() as ports:
        rolling = App(ports[0], ttl_s=600, on_read=lambda client, key: client.expire(key, 900))
        (prolonged,) = located([rolling], ports).sessions
        (left,) = located([App(ports[0], ttl_s=600)], ports).sessions
    assert prolonged.places[0].ttl_after_read_s == pytest.approx(900, abs=1)
    assert left.places[0].ttl_after_read_s is not None
    assert left.places[0].ttl_s is not None
    assert left.places[0].ttl_after_read_s < left.places[0].ttl_s


def test_a_node_that_deletes_sessions_of_others() -> None:
    """It is named, by the session that it deleted; its own session is not blamed on anybody."""
    with stores() as ports:
        foreign = App(ports[0])
        foreign.ids.append("")

        def purge(client: redis_py.Redis, key: str) -> None:
            if key.removeprefix("sess:") not in foreign.ids:
                client.delete(key)

        foreign.on_read = purge
        found = located([App(ports[0]), foreign], ports)
    assert [session.gone_after_read_on for session in found.sessions] == [("app2",), ()]


def test_a_node_that_does_not_take_the_sessions_of_others() -> None:
    """What it says is kept with what it does; where no store counts and none tells use, that is not known."""
    with stores() as ports:
        apps = [App(ports[0]), App(ports[0], prefix="shop:")]
        first, second = located(apps, ports).sessions
    assert [(look.node, look.outcome, look.said) for look in first.lookups] == [
        ("app1", "hit", "kept"),
        ("app2", "unclear", "lost"),
    ]
    assert [(look.node, look.outcome, look.said) for look in second.lookups] == [
        ("app2", "hit", "kept"),
        ("app1", "unclear", "lost"),
    ]


def test_a_read_that_does_not_find_the_session_says_nothing_of_its_expiry() -> None:
    """A node that forgot the session does not prolong it, and that is no fault of the expiry."""
    with stores() as ports:
        app = App(ports[0], on_read=lambda client, key: client.set(key, b"{}", keepttl=True))
        (session,) = located([app], ports).sessions
    assert session.places[0].ttl_s is not None
    assert session.places[0].ttl_after_read_s is None


def test_a_key_that_vanishes_by_itself() -> None:
    """Nobody asked for the session, and its key is gone long before its time: no node is blamed."""
    value = f"s%3A{'b' * 32}.{'A' * 43}"
    answer = f"HTTP/1.1 200 OK\r\nSet-Cookie: connect.sid={value}; Path=/\r\nContent-Length: 0\r\n\r\n".encode()

    async def run() -> Located:
        looks = iter([b":600000\r\n"] * 2)  # when it is searched, and right afterwards

        def reply(command: tuple[str, ...]) -> bytes:
            match command:
                case ("PTTL", key):
                    return next(looks, b":-2\r\n") if key == f"sess:{'b' * 32}" else b":-2\r\n"
                case ("INFO", *_):
                    return bulk("")
            return b"-NOPERM no\r\n"

        async with redis(reply) as store, serve(lambda _: answer) as node:
            of_store = replace(of([1], [node]), stores=(Store("s", "redis", url=(store.url,)),))
            return await locate(context(of_store), PAUSE)

    (session,) = asyncio.run(run()).sessions
    assert session.gone_after_read_on == ()
    assert session.vanished_after_s is not None
    assert session.vanished_after_s >= PAUSE.own_s
    assert session.places[0].ttl_s == pytest.approx(600, abs=1)


def test_expiry_is_nobodys_fault() -> None:
    """A key with less than a second to live is not watched."""
    with stores() as ports:
        short = App(ports[0], on_read=lambda client, key: client.pexpire(key, 30))
        found = located([short, App(ports[0], prefix="other:")], ports)
    assert found.sessions[0].gone_after_read_on == ()


@pytest.mark.parametrize(
    ("cookie", "why"),
    [
        ("laravel_session=eyJpdiI6IkFBQUEiLCJ2YWx1ZSI6IkFBQUEiLCJtYWMiOiIifQ%3D%3D", "encrypted"),
        ("session=eyJjYXJ0IjoxfQ.aR8N3w.aaaaaaaaaaaaaaaaaaaaaaaaaaa; Path=/", "the state itself"),
        ("", "no session cookie"),
    ],
)
def test_cookies_that_do_not_tell_the_key(cookie: str, why: str) -> None:
    """Then nothing is searched, and it is said why."""
    header = f"Set-Cookie: {cookie}\r\n" if cookie else ""

    async def run() -> Located:
        async with serve(lambda _: f"HTTP/1.1 200 OK\r\n{header}Content-Length: 0\r\n\r\n".encode()) as server:
            return await locate(context(of([1], [server])), PAUSE)

    found = asyncio.run(run())
    assert not found.searchable
    assert why in found.why_not


def test_no_session_can_be_made() -> None:
    """If the write fails on every node, that is why there is no evidence."""

    async def run() -> None:
        async with serve(lambda _: b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n") as server:
            await locate(context(of([1], [server])), PAUSE)

    with pytest.raises(Unavailable, match="500"):
        asyncio.run(run())


def test_no_store_answers() -> None:
    """A store that cannot be searched is no store without the session."""
    with stores() as ports, pytest.raises(Unavailable, match="refused"):
        located([App(ports[0])], [1])


def test_through_the_site_where_nodes_cannot_be_asked() -> None:
    """Without urls of nodes, a few sessions are made at the public entry, and named by the declared marker."""

    async def run(port: int) -> Located:
        app = App(port)

        def behind(request: bytes) -> bytes:
            return app(request).replace(b"\r\n", b"\r\nX-Node: blue\r\n", 1)

        async with serve(behind) as server:
            flow = Flow(write=FLOW.write, read=FLOW.read, node=Extract(header="X-Node"))
            site = Site(server.url, flow=flow)
            of_site = topology(site=site, stores=(Store("s", "redis", url=(Secret(f"redis://127.0.0.1:{port}"),)),))
            return await locate(context(of_site), PAUSE)

    with stores() as ports:
        found = asyncio.run(run(ports[0]))
    assert [session.node for session in found.sessions] == ["blue"] * 3


def test_ids_are_no_patterns() -> None:
    """An id with wildcards is searched as it stands, and never matches everything."""

    async def run() -> list[tuple[str, ...]]:
        def reply(command: tuple[str, ...]) -> bytes:
            match command[0]:
                case "SCAN":
                    return array(
                        bulk("0"),
                        array(bulk("x:abc*[d]?efgh:y"), bulk("unasked"), bulk("PHPREDIS_SESSION:abc*[d]?efgh_LOCK")),
                    )
                case "PTTL":
                    return b":-2\r\n"
                case "INFO":
                    return bulk("run_id:abc\r\n")
            return b""

        async with redis(reply) as server, AsyncExitStack() as stack:
            search = Search(("app:*:end",))
            await search.open([Source("s", "redis", (server.url,))], context(topology()), stack)
            (stored,) = await search.find(["abc*[d]?efgh"])
            assert (await stored.place()).prefix == "x:"
            assert not search.blind
            return server.commands

    commands = asyncio.run(run())
    assert ("SCAN", "0", "MATCH", r"*abc\*\[d\]\?efgh*", "COUNT", "1000") in commands
    assert ("PTTL", "app:abc*[d]?efgh:end") in commands


def test_a_scan_sees_keys_that_the_acl_hides() -> None:
    """Keys that may not be asked about are listed all the same: absence is certain, and presence has no details."""

    async def run(listed: bytes) -> tuple[list[float | None], str]:
        def reply(command: tuple[str, ...]) -> bytes:
            if command[0] in {"PTTL", "TYPE", "MEMORY"}:
                return b"-NOPERM this user has no permissions to access one of the keys used as arguments\r\n"
            return {"SCAN": array(bulk("0"), listed), "INFO": bulk("")}.get(command[0], b"")

        async with redis(reply) as server, AsyncExitStack() as stack:
            search = Search(())
            await search.open([Source("s", "redis", (server.url,))], context(topology()), stack)
            stored_sessions = await search.find(["0123456789abcdef"])
            places = [await stored.place() for stored in stored_sessions]
            assert [place.prefix for place in places] == ["mine:"] * len(stored_sessions)
            return [await stored.ttl_s() for stored in stored_sessions], search.blind

    assert asyncio.run(run(array())) == ([], "")
    assert asyncio.run(run(array(bulk("mine:0123456789abcdef")))) == ([None], "")


@pytest.mark.parametrize(
    ("key", "beside", "beyond_s"),
    [
        ("spring:session:sessions:33fdd1b6-b496-4b33-9f7d-df96679d32fe", b":1800000\r\n", 300.0),
        ("spring:session:sessions:33fdd1b6-b496-4b33-9f7d-df96679d32fe", b":-2\r\n", 0.0),
        ("redisson:tomcat_session:8E3AE96B2C1F4C7D9B0A1E5F6D7C8B9A.app1", b"", 60.0),
        ("sess:33fdd1b6-b496-4b33-9f7d-df96679d32fe", b"", 0.0),
    ],
)
def test_how_long_a_key_outlives_its_session(key: str, beside: bytes, beyond_s: float) -> None:
    """Spring Session with an index keeps it five minutes, and an expiry key beside it; without an index, not at all."""

    async def run() -> float:
        def reply(command: tuple[str, ...]) -> bytes:
            match command:
                case ("PTTL", name) if ":expires:" in name:
                    return beside
                case ("PTTL", name):
                    return b":2100000\r\n" if name == key else b":-2\r\n"
                case ("INFO", *_):
                    return bulk("")
                case ("TYPE", _):
                    return b"+hash\r\n"
            return b"-NOPERM no\r\n"

        async with redis(reply) as server, AsyncExitStack() as stack:
            search = Search(())
            await search.open([Source("s", "redis", (server.url,))], context(topology()), stack)
            (stored,) = await search.find([key.rpartition(":")[2]])
            return (await stored.place()).beyond_s

    assert asyncio.run(run()) == beyond_s


def test_the_search_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A huge store is not scanned to its end, and that makes absence unproven."""
    monkeypatch.setattr(keyspace, "_SCANS_EACH", 5)

    async def run() -> tuple[int, str]:
        def reply(command: tuple[str, ...]) -> bytes:
            answers = {"SCAN": array(bulk("7"), b"*0\r\n"), "PTTL": b":-2\r\n", "INFO": bulk("")}
            return answers.get(command[0], b"")

        async with redis(reply) as server, AsyncExitStack() as stack:
            search = Search(())
            await search.open([Source("s", "redis", (server.url,))], context(topology()), stack)
            assert await search.find(["0123456789abcdef"]) == []
            return sum(command[0] == "SCAN" for command in server.commands), search.blind

    scans, blind = asyncio.run(run())
    assert scans == 5
    assert "more keys than can be searched" in blind


def test_the_plan() -> None:
    """Nodes and stores are contacted; requests for pairs are bounded; without a store there is nothing to plan."""
    nodes = tuple(Node(f"n{number}", url=f"http://10.0.0.{number}/") for number in range(1, 9))
    store = Store("s", "redis", url=(Secret("redis://:pw@10.1.0.1"),))
    (probe,) = plan(topology(nodes=nodes, stores=(store,)), Options())
    assert isinstance(probe, Probe)
    assert set(probe.contacts) == {*(f"10.0.0.{number}:80" for number in range(1, 9)), "10.1.0.1:6379"}
    assert probe.contacts["10.0.0.1:80"] == (1 + 1 + 1 + ROUNDS) * 6  # made and read here, and by a neighbour
    (absent,) = plan(topology(nodes=nodes), Options())
    assert isinstance(absent, Absent)
