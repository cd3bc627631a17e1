"""Whatever becomes of a request, its connection is closed: no peer is left with one that nobody uses."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import Unavailable
from sessiondoctor.wire.client import Trust, Wire
from sessiondoctor.wire.message import Limits, Request
from sessiondoctor.wire.pace import Pace
from sessiondoctor.wire.proxy import Proxies
from tests.fakes.certificates import Authority, authority

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

NOTHING = b""
CHOICE_OF_SOCKS = b"\x05\x00"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority of our own."""
    return authority(tmp_path_factory.mktemp("authority"))


@asynccontextmanager
async def patient(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[int, asyncio.Queue[str]]]:
    """A peer that says this and then waits for the other side to hang up; its port, and the news of each connection."""
    news: asyncio.Queue[str] = asyncio.Queue()

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        news.put_nowait("met")
        with suppress(OSError):
            writer.write(answer)
            while await reader.read(1 << 16):
                pass
        news.put_nowait("left")
        writer.transport.abort()

    server = await asyncio.start_server(visit, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1], news
    finally:
        server.close()
        await asyncio.sleep(0.01)


async def hangs_up(answer: bytes, *, scheme: str, proxy: str, trust: Trust, tls: ssl.SSLContext | None = None) -> None:
    """The peer sees the end of its connection once the request has failed or was given up."""
    async with patient(answer, tls) as (port, news):
        proxies = Proxies(f"{proxy}://127.0.0.1:{port}") if proxy else None
        async with Wire(limits=Limits(total_s=0.3), pace=Pace(0), proxies=proxies) as client:
            with pytest.raises(Unavailable):
                await client.send(Request(f"{scheme}://127.0.0.1:{port}/"), trust=trust)
        async with asyncio.timeout(5):
            assert await news.get() == "met"
            assert await news.get() == "left"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("proxy", ["", "http", "https", "socks5"])
@pytest.mark.parametrize("answer", [NOTHING, CHOICE_OF_SOCKS, HALF], ids=["silent", "socks", "half"])
def test_a_peer_that_stops_speaking_is_left(scheme: str, proxy: str, answer: bytes) -> None:
    """In the handshake of TLS, in that of SOCKS, before its answer and in the middle of it."""
    asyncio.run(hangs_up(answer, scheme=scheme, proxy=proxy, trust=Trust(verify=False)))


def test_a_server_that_does_not_speak_http2_is_left(own: Authority) -> None:
    """TLS is done, and only then it shows that there is nothing to be said."""
    tls = own.good()
    asyncio.run(hangs_up(NOTHING, scheme="https", proxy="", trust=Trust(verify=False, http="2"), tls=tls))


@pytest.mark.parametrize("proxy", ["", "http", "socks5"])
def test_a_request_that_is_cancelled_leaves_its_peer(proxy: str) -> None:
    """As when a probe runs into its limit of time."""

    async def run() -> None:
        async with patient(NOTHING) as (port, news):
            proxies = Proxies(f"{proxy}://127.0.0.1:{port}") if proxy else None
            async with Wire(limits=Limits(total_s=30), pace=Pace(0), proxies=proxies) as client:
                asking = asyncio.ensure_future(client.send(Request(f"https://127.0.0.1:{port}/")))
                async with asyncio.timeout(5):
                    assert await news.get() == "met"
                asking.cancel()
                await asyncio.gather(asking, return_exceptions=True)
                async with asyncio.timeout(5):
                    assert await news.get() == "left"

    asyncio.run(run())
