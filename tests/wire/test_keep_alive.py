from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import suppress

import pytest

from sessiondoctor.errors import Unreachable
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits, Request
from sessiondoctor.wire.pace import Pace
from tests.fakes.serving import CLOSE, OK, one_by_one, serve, wire


def test_a_connection_is_reused() -> None:
    """Three requests over one `Connection` are one TCP connection, and the responses say so."""

    async def run() -> None:
        async with serve() as server, wire() as client, client.connection() as connection:
            reused = [(await client.send(Request(server.url), connection=connection)).reused for _ in range(3)]
        assert reused == [False, True, True]
        assert list(map(len, server.connections)) == [3]

    asyncio.run(run())


def test_without_a_connection_each_request_opens_its_own() -> None:
    """No connection is shared that the caller did not ask to share."""

    async def run() -> None:
        async with serve() as server, wire() as client:
            for _ in range(2):
                assert not (await client.send(Request(server.url))).reused
        assert list(map(len, server.connections)) == [1, 1]

    asyncio.run(run())


def test_requests_over_one_connection_take_turns() -> None:
    """Concurrent sends over one connection get their own answers, one exchange at a time."""

    async def run() -> None:
        def echo(request: bytes) -> bytes:
            path = request.split()[1]
            return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(path), path)

        async with serve(echo, delay_s=0.005) as server, wire() as client, client.connection() as connection:
            requests = [Request(f"{server.url}{number}") for number in range(5)]
            responses = await asyncio.gather(*(client.send(request, connection=connection) for request in requests))
        assert [response.body for response in responses] == [b"/0", b"/1", b"/2", b"/3", b"/4"]
        assert len(server.connections) == 1

    asyncio.run(run())


def test_another_place_opens_another_connection() -> None:
    """A connection that leads elsewhere is closed, not used."""

    async def run() -> None:
        async with serve() as one, serve() as other, wire() as client, client.connection() as connection:
            await client.send(Request(one.url), connection=connection)
            assert not (await client.send(Request(other.url), connection=connection)).reused
            assert not (await client.send(Request(one.url), connection=connection)).reused

    asyncio.run(run())


@pytest.mark.parametrize(
    "response",
    [
        OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        OK.replace(b"HTTP/1.1", b"HTTP/1.0"),
        OK + b"more than it announced",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
    ],
    ids=["close", "http-1.0", "bytes-after-the-end", "upgraded"],
)
def test_a_connection_that_is_not_reusable_is_not_reused(response: bytes) -> None:
    """The next request opens a new one."""

    async def run() -> None:
        async with serve(lambda _: response) as server, wire() as client, client.connection() as connection:
            for _ in range(2):
                request = Request(server.url, headers=(("Connection", "Upgrade"), ("Upgrade", "x")))
                assert not (await client.send(request, connection=connection)).reused

    asyncio.run(run())


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_connection_that_was_closed_while_idle_is_reopened(method: str) -> None:
    """The server's end of the stream is seen before anything is sent: not even a POST is lost."""

    async def run() -> None:
        async with serve(per_connection=1) as server, wire() as client, client.connection() as connection:
            for _ in range(3):
                await client.send(Request(server.url, method), connection=connection)
                await asyncio.sleep(0.01)
        assert list(map(len, server.connections)) == [1, 1, 1]

    asyncio.run(run())


def test_a_request_that_crosses_the_close_is_sent_again_once() -> None:
    """A GET that met no answer on a reused connection goes out again on a new one; Pace counts the exchange once."""

    async def run() -> None:
        pace = Pace(0)
        async with (
            serve(one_by_one(OK, CLOSE, OK)) as server,
            Wire(limits=Limits(), pace=pace) as client,
            client.connection() as connection,
        ):
            await client.send(Request(server.url), connection=connection)
            response = await client.send(Request(server.url), connection=connection)
        assert (response.status, response.reused) == (200, False)
        assert list(map(len, server.connections)) == [2, 1]
        assert list(pace.sent.values()) == [2]

    asyncio.run(run())


def test_an_answer_that_cannot_be_read_is_not_asked_for_again() -> None:
    """Only a close without any answer is retried: half an answer on a reused connection is an answer."""

    async def run() -> None:
        async with (
            serve(one_by_one(OK, b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n")) as server,
            wire() as client,
            client.connection() as connection,
        ):
            await client.send(Request(server.url), connection=connection)
            with pytest.raises(Unreachable) as caught:
                await client.send(Request(server.url), connection=connection)
        assert caught.value.trouble == "malformed"
        assert len(server.requests) == 2

    asyncio.run(run())


def test_a_close_that_the_loop_had_no_time_to_see_is_seen() -> None:
    """The caller kept the loop busy while the server closed: the POST goes out once, over a new connection."""
    requests: list[bytes] = []

    def answer_twice(listener: socket.socket) -> None:
        with suppress(OSError):
            for _ in range(2):
                with listener.accept()[0] as client:
                    requests.append(client.recv(65536))
                    client.sendall(OK)

    async def run(url: str) -> None:
        async with wire() as client, client.connection() as connection:
            await client.send(Request(url, "POST"), connection=connection)
            keep_busy()
            assert not (await client.send(Request(url, "POST"), connection=connection)).reused

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(1)
        server = threading.Thread(target=answer_twice, args=(listener,))
        server.start()
        asyncio.run(run(f"http://127.0.0.1:{listener.getsockname()[1]}/"))
        server.join(1)
    assert len(requests) == 2


def keep_busy() -> None:
    """Do something long, as importing modules."""
    time.sleep(0.05)


def test_a_post_that_crosses_the_close_is_not_sent_again() -> None:
    """It may have been handled: that is for the caller to decide."""

    async def run() -> None:
        async with (
            serve(one_by_one(OK, CLOSE, OK)) as server,
            wire() as client,
            client.connection() as connection,
        ):
            await client.send(Request(server.url, "POST"), connection=connection)
            with pytest.raises(Unreachable, match="closed the connection without an answer") as caught:
                await client.send(Request(server.url, "POST"), connection=connection)
        assert caught.value.trouble == "closed"
        assert len(server.requests) == 2

    asyncio.run(run())


def test_a_server_that_never_answers_is_tried_no_more_than_once_again() -> None:
    """No loop: one reused, one new connection, then the failure."""

    async def run() -> None:
        async with (
            serve(one_by_one(OK, CLOSE, CLOSE, OK)) as server,
            wire() as client,
            client.connection() as connection,
        ):
            await client.send(Request(server.url), connection=connection)
            with pytest.raises(Unreachable):
                await client.send(Request(server.url), connection=connection)
        assert len(server.requests) == 3

    asyncio.run(run())


def test_closing_the_client_closes_what_was_left_open() -> None:
    """The server sees the end of every connection that was kept."""

    async def run() -> None:
        ended: list[bytes] = []

        async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK)
            ended.append(await reader.read())
            writer.close()

        server = await asyncio.start_server(visit, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        client = wire()
        for _ in range(2):
            await client.send(Request(url), connection=client.connection())
        assert ended == []
        await client.aclose()
        await asyncio.sleep(0.01)
        server.close()
        assert ended == [b"", b""]

    asyncio.run(run())
