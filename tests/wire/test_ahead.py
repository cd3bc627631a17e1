from __future__ import annotations

import asyncio
import time

import pytest

from sessiondoctor.errors import Unreachable, UsageError
from sessiondoctor.wire.client import Trust, Wire
from sessiondoctor.wire.message import Limits, Request
from sessiondoctor.wire.pace import Pace
from tests.fakes.hostile_servers import zoo
from tests.fakes.serving import serve, wire


def test_a_request_started_ahead_is_answered_without_another() -> None:
    """The next equal send returns its response, Pace counted it once, and the one after is a request of its own."""

    async def run() -> None:
        pace = Pace(0)
        async with serve() as server, Wire(limits=Limits(), pace=pace) as client:
            await client.ahead(Request(server.url, headers=(("X-A", "1"),)))
            response = await client.send(Request(server.url, headers=(("X-A", "1"),)))
            assert (response.status, response.body) == (200, b"ok")
            assert list(pace.sent.values()) == [1]
            await client.send(Request(server.url, headers=(("X-A", "1"),)))
        assert len(server.requests) == 2
        assert list(pace.sent.values()) == [2]

    asyncio.run(run())


def test_it_returns_when_the_request_is_written() -> None:
    """The server has the request, and is still busy with it."""

    async def run() -> None:
        async with serve(delay_s=0.2) as server, wire() as client:
            await client.ahead(Request(server.url))
            await asyncio.sleep(0.02)
            assert len(server.requests) == 1
            waiting = asyncio.create_task(client.send(Request(server.url)))
            await asyncio.sleep(0.02)
            assert not waiting.done()
            await waiting
        assert len(server.requests) == 1

    asyncio.run(run())


def test_an_equal_request_is_started_ahead_once() -> None:
    """A second call before the send does nothing."""

    async def run() -> None:
        async with serve() as server, wire() as client:
            for _ in range(2):
                await client.ahead(Request(server.url))
            await client.send(Request(server.url))
        assert len(server.requests) == 1

    asyncio.run(run())


@pytest.mark.parametrize("other", ["url", "method", "headers", "body", "address", "source", "trust", "connection"])
def test_another_request_is_not_taken_for_it(other: str) -> None:
    """Each part counts, and so does where it leads."""

    async def run() -> None:
        async with serve() as server, wire() as client:
            first = Request(server.url, "POST", (("X-A", "1"),), b"x")
            await client.ahead(first)
            second = Request(
                url=server.url + "b" * (other == "url"),
                method="PUT" if other == "method" else "POST",
                headers=() if other == "headers" else first.headers,
                body=b"y" if other == "body" else b"x",
            )
            await client.send(
                second,
                connection=client.connection() if other == "connection" else None,
                address="127.0.0.1" if other == "address" else "",
                source="127.0.0.1" if other == "source" else "",
                trust=Trust(verify=other != "trust"),
            )
        assert len(server.requests) == 2

    asyncio.run(run())


def test_what_goes_wrong_is_raised_by_the_send() -> None:
    """`ahead` itself ends quietly, whatever is wrong."""

    async def run() -> None:
        async with zoo() as urls, wire(total_s=0.1) as client:
            wrong = {
                Request(urls["closed-at-once"]): "closed",
                Request(urls["silent"]): "timeout",
                Request("http://127.0.0.1:1/"): "refused",
            }
            for request, trouble in wrong.items():
                await asyncio.wait_for(client.ahead(request), 1)
                with pytest.raises(Unreachable) as caught:
                    await client.send(request)
                assert caught.value.trouble == trouble
            await client.ahead(Request("ftp://shop.example/"))
            with pytest.raises(UsageError):
                await client.send(Request("ftp://shop.example/"))

    asyncio.run(run())


def test_what_nobody_asks_for_is_given_up_with_the_client() -> None:
    """Failed, answered or under way: nothing is left behind, and nothing is said of it."""

    async def run() -> None:
        async with zoo() as urls, serve() as server, wire() as client:
            await client.ahead(Request(urls["closed-at-once"]))
            await client.ahead(Request(urls["silent"]))
            await client.ahead(Request(server.url))
            await asyncio.sleep(0.02)
            began = time.perf_counter()
            await client.aclose()
            await client.aclose()
            assert time.perf_counter() - began < 3
            assert [task for task in asyncio.all_tasks() if "_send_once" in repr(task)] == []

    asyncio.run(run())
