"""Clocks of nodes, stores and time servers, asked in their own ways."""

from __future__ import annotations

import asyncio
import struct
import time
from contextlib import AsyncExitStack
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.evidence.network.clocks import Clocks
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.network import clocks, date_edge, ntp
from sessiondoctor.probes.network.clocks import plan
from sessiondoctor.topology.model import Balancer, Node, Site, Store, Time, Topology
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import array, ask, bulk, context, redis, tcp, topology, udp
from tests.fakes.serving import serve

if TYPE_CHECKING:
    from collections.abc import Callable

NTP_EPOCH = 2_208_988_800  # seconds from 1900 to 1970


@pytest.fixture(autouse=True)
def _one_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    """A single request: accuracy is tested without a network."""
    monkeypatch.setattr(date_edge, "REQUESTS", 1)


def read(of: Topology) -> Clocks:
    """What the planned probe reads."""
    (probe,) = plan(of, Options())
    found = ask(probe, context(of))
    assert isinstance(found, Clocks)
    return found


def dated(ahead_s: float, *headers: str, status: str = "200 OK") -> Callable[[bytes], bytes]:
    """An application whose clock is ahead."""

    def answer(_: bytes) -> bytes:
        date = formatdate(time.time() + ahead_s, usegmt=True)
        lines = "".join(f"{header}\r\n" for header in headers)
        return f"HTTP/1.1 {status}\r\nDate: {date}\r\n{lines}Content-Length: 0\r\n\r\n".encode()

    return answer


def nodes_read(*answers: Callable[[bytes], bytes]) -> tuple[Clocks, list[list[str]]]:
    """The clocks of nodes that answer so, and the request lines that each saw."""

    async def run() -> tuple[Clocks, list[list[str]]]:
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(serve(answer)) for answer in answers]
            of = topology(nodes=tuple(Node(f"app{n}", url=server.url) for n, server in enumerate(servers, 1)))
            return await asyncio.to_thread(read, of), [server.heads for server in servers]

    return asyncio.run(run())


def test_nodes_by_their_date() -> None:
    """Each node's own offset; HEAD is enough."""
    found, heads = nodes_read(dated(0), dated(3600))
    one, two = found.of("http-date")
    assert (one.subject, two.subject) == ("app1", "app2")
    assert abs(one.offset_s) <= one.uncertainty_s
    assert abs(two.offset_s - 3600) <= two.uncertainty_s
    assert {line for lines in heads for line in lines} == {"HEAD / HTTP/1.1"}


def test_where_head_is_unknown_the_application_is_asked() -> None:
    """A server that does not know HEAD answers it with its own clock, not the application's."""
    found, ((first, second),) = nodes_read(lambda r: dated(-50)(r) if r[:3] == b"GET" else dated(0, status="501 No")(r))
    assert found.readings[0].offset_s == pytest.approx(-50, abs=1.1)
    assert (first[:4], second[:4]) == ("HEAD", "GET ")


def test_uvicorn_is_read_with_care() -> None:
    """Its Date comes from a timer."""
    found, _ = nodes_read(dated(0, "Server: uvicorn"))
    assert found.readings[0].uncertainty_s >= date_edge.STALE_S


def test_dates_that_say_nothing() -> None:
    """No Date, an unreadable one, a cached answer, nobody there: each says why, the others are read."""
    no_date = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    bad_date = b"HTTP/1.1 200 OK\r\nDate: yesterday\r\nContent-Length: 0\r\n\r\n"
    found, _ = nodes_read(dated(0), lambda _: no_date, lambda _: bad_date, dated(0, "Age: 30"))
    assert [reading.subject for reading in found.readings] == ["app1"]
    assert set(found.trouble) == {"app2", "app3", "app4"}
    assert "cache" in found.trouble["app4"]


def test_a_date_that_may_be_a_proxys() -> None:
    """A response that came through one, a URL that two nodes have, the public one: none is taken for the node's."""
    found, _ = nodes_read(dated(0), dated(0, "Via: 1.1 edge"))
    assert [reading.subject for reading in found.readings] == ["app1"]
    assert "proxy" in found.trouble["app2"]

    async def run() -> Clocks:
        async with serve(dated(0)) as shared, serve(dated(0)) as front, serve(dated(0)) as own:
            nodes = (Node("app1", url=shared.url), Node("app2", url=shared.url + "two"), Node("app3", url=front.url),
                     Node("app4", url=own.url), Node("files", url=own.url, service="files"))  # fmt: skip
            of = topology(nodes=nodes, load_balancers=(Balancer("edge", url=front.url),))
            read_clocks = await asyncio.to_thread(read, of)
            assert not shared.heads
            return read_clocks

    found = asyncio.run(run())
    assert [reading.subject for reading in found.readings] == ["app4", "files"]
    assert "shares" in found.trouble["app1"]
    assert "shares" in found.trouble["app2"]


def test_a_single_node_may_be_the_site() -> None:
    """Nothing stands before it."""
    (probe,) = plan(
        topology(site=Site("http://10.0.0.1:80/"), nodes=(Node("app1", url="http://10.0.0.1/"),)), Options()
    )
    assert isinstance(probe, Probe)
    nodes = (Node("app1", url="http://10.0.0.1/"), Node("app2", url="http://10.0.0.1/"))
    (absent,) = plan(topology(nodes=nodes), Options())
    assert isinstance(absent, Absent)


def test_a_store_by_time() -> None:
    """Redis tells microseconds."""

    async def run() -> Clocks:
        def reply(command: tuple[str, ...]) -> bytes:
            if command != ("TIME",):
                return b""
            now = time.time() + 12.5
            return array(bulk(str(int(now))), bulk(str(int(now % 1 * 1e6))))

        async with redis(reply) as server:
            of = topology(stores=(Store("sessions", "redis", url=(server.url,)),))
            return await asyncio.to_thread(read, of)

    (reading,) = asyncio.run(run()).of("redis-time")
    assert reading.subject == "sessions"
    assert abs(reading.offset_s - 12.5) <= reading.uncertainty_s < 0.1


def test_a_memcached_by_its_stats() -> None:
    """Whole seconds, told up to one late."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            told = b"VERSION 1.6.18\r\n" if line.startswith(b"version") else b"STAT time %d\r\nEND\r\n"
            writer.write(told % int(time.time() - 600) if b"%d" in told else told)
            await writer.drain()

    async def run() -> Clocks:
        async with tcp(talk) as port:
            of = topology(stores=(Store("sessions", "memcached", url=(Secret(f"memcached://127.0.0.1:{port}"),)),))
            return await asyncio.to_thread(read, of)

    (reading,) = asyncio.run(run()).of("memcached-time")
    assert reading.subject == "sessions"
    assert abs(reading.offset_s + 600) <= reading.uncertainty_s < 1.5


def stamp(seconds: float) -> bytes:
    """An NTP timestamp: 32 bits of seconds since 1900, 32 bits of fraction."""
    return struct.pack("!II", int(seconds) + NTP_EPOCH, int(seconds % 1 * 2**32))


def ahead(seconds: float, stratum: int = 2, first: int = 0x24, served_s: float = 0.0) -> Callable[[bytes], bytes]:
    """A server whose clock is ahead; `first` holds leap indicator, version and mode."""

    def answer(question: bytes) -> bytes:
        now, later = stamp(time.time() + seconds), stamp(time.time() + seconds + served_s)
        return bytes([first, stratum, 6, 236]) + bytes(12) + now + question[40:48] + now + later

    return answer


def asked(answer: Callable[[bytes], bytes]) -> tuple[float, float]:
    """What a time server that answers so is read as."""

    async def run() -> tuple[float, float]:
        async with udp(answer) as port:
            return await ntp.ask_ntp(f"127.0.0.1:{port}")

    return asyncio.run(run())


def test_a_time_server() -> None:
    """One packet tells milliseconds."""
    offset, uncertainty = asked(ahead(2.25))
    assert abs(offset - 2.25) <= uncertainty < 0.1


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"first": 0xE4}, "not synchronised"),
        ({"stratum": 16}, "not synchronised"),
        ({"stratum": 255}, "not synchronised"),
        ({"first": 0x23}, "not synchronised"),
        ({"served_s": 60.0}, "longer than we waited"),
    ],
)
def test_packets_that_tell_no_time(wrong: dict[str, Any], says: str) -> None:
    """A leap indicator of 3, a stratum beyond 15, another mode than a server's, a stay longer than the whole trip."""
    with pytest.raises(Unavailable, match=says):
        asked(ahead(5, **wrong))


def test_time_servers_that_tell_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unsynchronised, nonsense, an answer to another question, nobody there."""
    monkeypatch.setattr(ntp, "_TIMEOUT_S", 0.1)
    with pytest.raises(Unavailable, match="not synchronised"):
        asked(ahead(0, stratum=0))
    with pytest.raises(Unavailable, match="does not speak NTP"):
        asked(lambda question: bytes(24) + question[40:48])
    with pytest.raises(Unreachable) as caught:
        asked(lambda _: bytes(48))
    assert caught.value.trouble == "timeout"
    with pytest.raises(Unreachable) as caught:
        asyncio.run(ntp.ask_ntp("127.0.0.1:1"))
    assert caught.value.trouble == "refused"


def test_nodes_and_servers_by_ntp() -> None:
    """A node's own daemon under the node's name, a reference under its address."""

    async def run() -> tuple[Clocks, str]:
        async with udp(ahead(9)) as daemon, udp(ahead(0)) as port:
            reference = f"127.0.0.1:{port}"
            of = topology(nodes=(Node("app1", ntp=f"127.0.0.1:{daemon}"),), time=Time(servers=(reference,)))
            return await asyncio.to_thread(read, of), reference

    found, reference = asyncio.run(run())
    assert [reading.subject for reading in found.of("ntp")] == ["app1", reference]
    assert found.readings[0].offset_s == pytest.approx(9, abs=0.1)


def test_no_clock_answers() -> None:
    """Could not look is no evidence."""
    with pytest.raises(Unavailable, match="refused"):
        read(topology(nodes=(Node("app1", url="http://127.0.0.1:1/"),)))


def test_a_clock_that_keeps_us_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left out in time."""
    monkeypatch.setattr(clocks, "_PATIENCE_S", 0.05)

    async def run() -> None:
        async with serve(dated(0), delay_s=0.3) as server:
            with pytest.raises(Unavailable, match=r"no answer within 0\.05 s"):
                await asyncio.to_thread(read, topology(nodes=(Node("app1", url=server.url),)))

    asyncio.run(run())


def test_the_plan() -> None:
    """Everything with a clock is asked once; the public entry never is."""
    of = topology(
        nodes=(Node("app1", url="http://10.0.0.1:3000/", ntp="10.0.0.1:123"), Node("files")),
        stores=(Store("s", "redis", url=(Secret("redis://:pw@10.0.0.9"),)), Store("m", "memcached")),
        time=Time(servers=("ntp.example:123",)),
    )
    (probe,) = plan(of, Options())
    assert isinstance(probe, Probe)
    assert set(probe.contacts) == {"10.0.0.1:3000", "10.0.0.1:123", "10.0.0.9:6379", "ntp.example:123"}
    (absent,) = plan(topology(), Options())
    assert isinstance(absent, Absent)
    assert "time.servers" in absent.hint
