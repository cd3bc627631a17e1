from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from sessiondoctor.errors import Unavailable, Unreachable, UsageError
from sessiondoctor.wire.address import Origin
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits, Request
from sessiondoctor.wire.pace import Pace
from sessiondoctor.wire.proxy import Proxies, Proxy, read_proxy
from tests.fakes.serving import Answer, serve

VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
SHOP, SECURE = Origin("http", "shop.example", 80), Origin("https", "shop.example", 443)


@pytest.fixture(autouse=True)
def _no_proxies_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://proxy:3128", Proxy("http", "proxy", 3128)),
        ("Proxy.Example:3128/", Proxy("http", "proxy.example", 3128)),
        ("https://proxy", Proxy("https", "proxy", 443)),
        ("socks5://[::1]:1080", Proxy("socks5", "::1", 1080)),
        ("socks5h://me:p%40ss@proxy", Proxy("socks5h", "proxy", 1080, "me", "p@ss")),
    ],
)
def test_the_url_of_a_proxy(url: str, proxy: Proxy) -> None:
    """With and without scheme, port and login."""
    assert read_proxy(url) == proxy


@pytest.mark.parametrize("url", ["", "ftp://me:SECRET@proxy", "http://me:SECRET@", "http://me:SECRET@proxy:x", "//"])
def test_what_is_no_proxy_is_not_quoted(url: str) -> None:
    """It may hold a password."""
    with pytest.raises(UsageError, match="expected the URL of a proxy") as caught:
        read_proxy(url)
    assert "SECRET" not in str(caught.value)


def test_a_proxy_does_not_show_its_password() -> None:
    """In no repr."""
    assert "SECRET" not in repr(read_proxy("http://me:SECRET@proxy:1"))


def test_the_environment_decides_by_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    """ALL_PROXY stands in for what has no variable of its own; lower and upper case are the same."""
    monkeypatch.setenv("https_proxy", "http://one:1")
    monkeypatch.setenv("ALL_PROXY", "socks5://two:2")
    assert Proxies().of(SECURE) == Proxy("http", "one", 1)
    assert Proxies().of(SHOP) == Proxy("socks5", "two", 2)


def test_without_anything_there_is_no_proxy() -> None:
    """Neither declared nor in the environment."""
    assert Proxies().of(SHOP) is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_this_machine_is_asked_directly(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As browsers do, unless the user names a proxy for this very scan."""
    monkeypatch.setenv("HTTP_PROXY", "http://one:1")
    assert Proxies().of(Origin("http", host, 80)) is None
    assert Proxies("http://two:2").of(Origin("http", host, 80)) == Proxy("http", "two", 2)


@pytest.mark.parametrize(
    ("listed", "exempt"),
    [
        ("*", True),
        ("example", True),
        (".example", True),
        ("shop.example", True),
        ("other.example,shop.example:80", True),
        ("shop.example:81", False),
        ("op.example", False),
        ("10.0.0.0/8", False),
    ],
)
def test_no_proxy_has_its_say(listed: str, exempt: bool, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001 - a case
    """About a declared proxy, too."""
    monkeypatch.setenv("NO_PROXY", listed)
    assert (Proxies("http://one:1").of(SHOP) is None) is exempt


def test_no_proxy_knows_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in many clusters."""
    monkeypatch.setenv("NO_PROXY", "localhost, 10.0.0.0/8,fd00::/8")
    proxies = Proxies("http://one:1")
    assert [proxies.of(Origin("http", host, 80)) is None for host in ("10.1.2.3", "fd00::1", "11.0.0.1")] == [
        True,
        True,
        False,
    ]


def test_a_bad_proxy_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variables, not the value."""
    monkeypatch.setenv("HTTPS_PROXY", "ftp://me:SECRET@one")
    with pytest.raises(UsageError, match="HTTPS_PROXY") as caught:
        Proxies().of(SECURE)
    assert "SECRET" not in str(caught.value)


def through(answer: Answer, url: str = "http://shop.example/a?b=c", **how: str) -> tuple[str, list[bytes]]:
    """What comes of a request through a proxy that answers so, and what the proxy saw."""

    async def run() -> tuple[str, list[bytes]]:
        async with serve(answer) as server:
            proxies = Proxies(f"http://me:pass@127.0.0.1:{server.port}")
            resolve = {"pinned.example": ("10.0.0.1",)}
            async with Wire(limits=Limits(total_s=5), pace=Pace(0), resolve=resolve, proxies=proxies) as client:
                try:
                    response = await client.send(Request(url), **how)  # type: ignore[arg-type] # address and source
                    return str(response.status), server.requests
                except Unreachable as error:
                    return f"{error.trouble}: {error.reason}", server.requests

    return asyncio.run(run())


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def test_a_proxy_gets_the_whole_url_and_its_login() -> None:
    """The login is the proxy's, and stands before the headers of the request."""
    outcome, (request,) = through(lambda _: OK)
    assert outcome == "200"
    assert request.startswith(b"GET http://shop.example/a?b=c HTTP/1.1\r\n")
    assert b"\r\nHost: shop.example\r\n" in request
    assert b"\r\nProxy-Authorization: Basic bWU6cGFzcw==\r\n" in request


def test_a_tunnel_is_asked_for_by_address_where_one_is_pinned() -> None:
    """And by name where none is: the proxy finds it."""
    refuse = b"HTTP/1.1 403 SECRET\r\nContent-Length: 0\r\n\r\n"
    for url, how, target in (
        ("https://shop.example/", {}, b"shop.example:443"),
        ("https://pinned.example/", {}, b"10.0.0.1:443"),
        ("https://shop.example/", {"address": "10.0.0.2"}, b"10.0.0.2:443"),
    ):
        outcome, (request,) = through(lambda _: refuse, url, **how)
        assert request.startswith(b"CONNECT " + target + b" HTTP/1.1\r\n")
        assert b"pinned" not in request
        host = urlsplit(url).hostname
        assert outcome.startswith(f"proxy: {host}:443")
        assert "answers 403" in outcome
        assert "SECRET" not in outcome


@pytest.mark.parametrize(
    ("url", "how"),
    [
        ("http://shop.example/", {"address": "10.0.0.1"}),
        ("http://pinned.example/", {}),
        ("https://shop.example/", {"source": "127.0.0.1"}),
    ],
)
def test_what_a_proxy_decides_cannot_be_asked_for(url: str, how: dict[str, str]) -> None:
    """Silently ignored, it would be a wrong answer about another address."""
    with pytest.raises(Unavailable, match="is asked through a proxy"):
        through(lambda _: OK, url, **how)


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-x\r\n", b"\x05\xff", b"\x05", b"HTTP/1.1 200 OK\r\n\r\ngarbage"])
@pytest.mark.parametrize("scheme", ["http", "socks5"])
def test_a_hostile_proxy_ends_the_exchange(scheme: str, answer: bytes) -> None:
    """Whatever it says, it is one line, and no page."""

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.write(answer)
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(visit, "127.0.0.1", 0)
        proxies = Proxies(f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with Wire(limits=Limits(total_s=1), pace=Pace(0), proxies=proxies) as client:
            with pytest.raises(Unreachable) as caught:
                await client.send(Request("https://shop.example/"))
        server.close()
        await asyncio.sleep(0.01)
        if b"200 OK" not in answer or scheme == "socks5":
            assert caught.value.trouble == "proxy", caught.value.reason

    asyncio.run(run())
