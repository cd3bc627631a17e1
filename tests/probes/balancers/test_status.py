"""HAProxy's statistics: from a page, from a socket, and what can be wrong with either."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.context import Options
from sessiondoctor.errors import Unavailable, Unreachable
from sessiondoctor.evidence.balancers.status import BalancerStatus
from sessiondoctor.probes.balancers import status as balancers
from sessiondoctor.probes.balancers.haproxy import read_statistics
from sessiondoctor.probes.balancers.status import plan
from sessiondoctor.probes.browser import admin_page
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.topology.model import Balancer, BalancerKind, Node
from sessiondoctor.topology.secret import Secret
from tests.fakes.peers import ask, context, topology, unix
from tests.fakes.serving import serve

if TYPE_CHECKING:
    from tests.fakes.serving import Server

PASSWORD = "s3cret-pw"
SAMPLE = Path(__file__).with_name("haproxy_stat.csv").read_text(encoding="ascii")
"""As HAProxy 2.6.12 wrote it: backend `shop` with app1 up and app2 down, backend `api` with one unchecked server."""
NODES = (Node("one", url="http://127.0.0.1:27711/"), Node("two", route="a2"), Node("api1"))


def edge(stats: str = "", kind: BalancerKind = "haproxy") -> Balancer:
    """A balancer called `edge`."""
    return Balancer("edge", kind, stats=Secret(stats))


def status(stats: str) -> BalancerStatus:
    """What is read there."""
    of = topology(load_balancers=(edge(stats),), nodes=NODES)
    (probe,) = plan(of, Options())
    found = ask(probe, context(of))
    assert isinstance(found, BalancerStatus)
    return found


def from_page(answer: bytes, *, suffix: str = "stats") -> tuple[BalancerStatus | Unavailable, Server]:
    """What is read of a page that answers so, and the server that was asked."""

    async def run() -> tuple[BalancerStatus | Unavailable, Server]:
        async with serve(lambda _: answer) as server:
            url = server.url.replace("//", f"//admin:{PASSWORD}@") + suffix
            try:
                return await asyncio.to_thread(status, url), server
            except Unavailable as error:
                return error, server

    return asyncio.run(run())


def response(body: str, code: str = "200 OK", *headers: str) -> bytes:
    """An HTTP response."""
    lines = "".join(f"{header}\r\n" for header in headers)
    return f"HTTP/1.1 {code}\r\n{lines}Content-Length: {len(body)}\r\n\r\n{body}".encode()


def test_a_real_sample() -> None:
    """Servers with their counters, matched to nodes by address, cookie or name; of the main pool what clients see."""
    found = read_statistics(SAMPLE, edge(), NODES)
    assert (found.balancer, found.kind) == ("edge", "haproxy")
    assert (found.algorithm, found.affinity_cookie) == ("leastconn", "SRV")
    up, down, unchecked = found.servers
    assert (up.pool, up.name, up.node, up.address, up.status) == ("shop", "app1", "one", "127.0.0.1:27711", "UP")
    assert (up.cookie, up.weight, up.sessions, up.last_change_s) == ("a1", 1, 2, 2)
    assert (down.name, down.node, down.status, down.weight) == ("app2", "two", "DOWN", 50)
    assert down.went_down == 1
    assert (unchecked.node, unchecked.status, unchecked.last_change_s) == ("api1", "no check", 2)


def test_the_page() -> None:
    """The CSV is asked for; the login of the URL stays here."""
    found, server = from_page(response(SAMPLE))
    assert isinstance(found, BalancerStatus)
    assert len(found.servers) == 3
    assert server.heads == ["GET /stats;csv HTTP/1.1"]
    assert b"authorization" not in server.requests[0].lower()


@pytest.mark.parametrize(
    ("suffix", "path"), [("haproxy?stats", "/haproxy?stats;csv"), ("stats;csv", "/stats;csv"), ("", "/;csv")]
)
def test_the_url_of_the_csv(suffix: str, path: str) -> None:
    """`;csv` goes to the end, once."""
    assert from_page(response(SAMPLE), suffix=suffix)[1].heads == [f"GET {path} HTTP/1.1"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (response("", "401 Unauthorized"), "demands a login"),
        (response("", "302 Found", "Location: http://evil.test/"), "redirects elsewhere"),
        (response("", "503 Service Unavailable"), "status 503"),
        (response("<html>statistics</html>"), "not HAProxy's statistics"),
        (response(""), "not HAProxy's statistics"),
        (response('# pxname,svname,\r\n"' + "x" * 200_000), "damaged"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "127.0.0.1"),
    ],
)
def test_pages_that_cannot_be_read(answer: bytes, words: str) -> None:
    """Each says what is wrong, none shows the password, no redirect is followed."""
    found, server = from_page(answer)
    assert isinstance(found, Unavailable)
    assert words in found.reason
    assert PASSWORD not in f"{found!r} {found.reason} {found.hint}"
    assert len(server.requests) == 1 + ("login" in words)


def test_a_page_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the limit is not read."""
    monkeypatch.setattr(admin_page, "LARGEST", 1000)
    found, _ = from_page(response(SAMPLE))
    assert isinstance(found, Unavailable)
    assert "sends more" in found.reason


def test_nobody_listens() -> None:
    """A refused connection, without the password."""
    with pytest.raises(Unreachable, match="refused") as caught:
        status(f"http://admin:{PASSWORD}@127.0.0.1:1/stats")
    assert PASSWORD not in repr(caught.value)


def from_socket(path: Path, answer: bytes, heard: list[bytes]) -> BalancerStatus:
    """What is read of a Unix socket that answers so."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readline())
        writer.write(answer)
        await writer.drain()
        writer.close()
        heard.append(await reader.read())

    async def run() -> BalancerStatus:
        async with unix(talk, path):
            return await asyncio.to_thread(status, f"unix:{path}")

    return asyncio.run(run())


def test_the_socket_is_only_shown_things(tmp_path: Path) -> None:
    """One command, `show stat`; the same servers as from the page."""
    heard: list[bytes] = []
    found = from_socket(tmp_path / "sock", SAMPLE.encode() + b"\n", heard)
    assert found == read_statistics(SAMPLE, edge(), NODES)
    assert b"".join(heard) == b"show stat\n"


def test_sockets_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program's socket, one that pours, one that is not there."""
    with pytest.raises(Unavailable, match="not HAProxy's statistics"):
        from_socket(tmp_path / "sock", b"Permission denied\n", [])
    monkeypatch.setattr(balancers, "LARGEST", 1000)
    with pytest.raises(Unavailable, match="sends more"):
        from_socket(tmp_path / "sock2", b"x" * 5000, [])
    with pytest.raises(Unreachable, match="nowhere"):
        status("unix:/nowhere/sock")


def test_columns_are_found_by_name() -> None:
    """Other versions have other columns: short rows, missing ones, text where a number should be."""
    text = "# pxname,svname,weight,lastchg,new\r\nweb,s1,many,,\r\nweb\r\n\r\nweb,BACKEND,1,2,3\r\n"
    found = read_statistics(text, edge(), ())
    (server,) = found.servers
    assert (server.name, server.weight, server.last_change_s, server.cookie) == ("s1", 0, None, "")
    assert (found.algorithm, found.affinity_cookie) == ("", "")


def test_the_plan() -> None:
    """Only a HAProxy with statistics can be asked; of the others it is said what to do."""
    of = topology(load_balancers=(edge("http://u:p@10.0.0.5:8404/stats"), edge(), edge("http://h/", "nginx")))
    probe, silent, other = plan(of, Options())
    assert isinstance(probe, Probe)
    assert probe.contacts == {"10.0.0.5:8404": 2}
    assert isinstance(silent, Absent)
    assert "stats" in silent.hint
    assert isinstance(other, Absent)
    assert other.reason == "the status of nginx cannot be read yet"
    (nothing,) = plan(topology(), Options())
    assert isinstance(nothing, Absent)
    (socket,) = plan(topology(load_balancers=(edge("unix:///run/haproxy.sock"),)), Options())
    assert isinstance(socket, Probe)
    assert socket.contacts == {"/run/haproxy.sock": 1}
