"""Each limit: at it, one under, one over."""

from __future__ import annotations

import asyncio

import pytest

from sessiondoctor.errors import Unreachable
from sessiondoctor.wire.message import Request, Response
from tests.fakes.serving import serve, wire

START = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"


def outcome(answer: bytes, *, total_s: float = 2, method: str = "GET", **limits: int) -> Response | Unreachable:
    """Return how a request ends that this is the answer to."""

    async def run() -> Response | Unreachable:
        async with serve(lambda _: answer, per_connection=1) as server, wire(total_s=total_s, **limits) as client:
            try:
                return await client.send(Request(f"{server.url}SECRET", method))
            except Unreachable as error:
                return error

    return asyncio.run(run())


def head_of(size: int) -> bytes:
    """Return a head of exactly so many bytes."""
    rest = START + b"X: \r\n\r\n"
    return rest.replace(b"X: ", b"X: " + b"x" * (size - len(rest)))


def too_large(end: Response | Unreachable) -> bool:
    """Whether it is that trouble; anything else must be a response."""
    assert isinstance(end, Response) or end.trouble == "too-large", end
    return isinstance(end, Unreachable)


@pytest.mark.parametrize(("more", "over"), [(-1, False), (0, False), (1, True)])
def test_the_bytes_of_a_head(more: int, *, over: bool) -> None:
    """From the status line to the blank line."""
    assert too_large(outcome(head_of(1000 + more), header_bytes=1000)) is over


@pytest.mark.parametrize(("more", "over"), [(-1, False), (0, False), (1, True)])
def test_interim_heads_count(more: int, *, over: bool) -> None:
    """103 Early Hints and the final head share the limit."""
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    assert too_large(outcome(interim + head_of(1000 - len(interim) + more), header_bytes=1000)) is over


@pytest.mark.parametrize(("more", "over"), [(-1, False), (0, False), (1, True)])
def test_the_number_of_header_lines(more: int, *, over: bool) -> None:
    """Lines, not names."""
    answer = START + b"Set-Cookie: a=b\r\n" * (19 + more) + b"\r\n"
    assert too_large(outcome(answer, header_count=20)) is over


@pytest.mark.parametrize(("more", "kept", "truncated"), [(-1, 99, False), (0, 100, False), (1, 100, True)])
@pytest.mark.parametrize("framing", ["length", "chunks", "close"])
def test_the_bytes_of_a_body(framing: str, more: int, kept: int, *, truncated: bool) -> None:
    """What is beyond is cut off and said to be, however the body is framed."""
    body = b"x" * (100 + more)
    answer = {
        "length": b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body),
        "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body),
        "close": b"HTTP/1.1 200 OK\r\n\r\n" + body,
    }[framing]
    response = outcome(answer, body_bytes=100)
    assert isinstance(response, Response), response
    assert (len(response.body), response.truncated) == (kept, truncated)


def test_a_truncated_response_ends_its_connection() -> None:
    """The rest of a body is never taken for the next response."""

    async def run() -> None:
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + b"x" * 200
        async with serve(lambda _: answer) as server, wire(body_bytes=100) as client, client.connection() as connection:
            for _ in range(2):
                assert not (await client.send(Request(server.url), connection=connection)).reused

    asyncio.run(run())


def test_the_time_of_an_exchange() -> None:
    """No answer and half an answer are told apart."""
    cases = {b"": "no answer", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello": "no complete response"}
    for answer, what in cases.items():
        error = asyncio.run(_held_open(answer))
        assert error.trouble == "timeout"
        assert str(error).endswith(f": {what} within 0.05 s")


async def _held_open(answer: bytes) -> Unreachable:
    """Return the error from a server that sends this and then nothing."""

    async def visit(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await asyncio.sleep(0.1)
        writer.close()

    server = await asyncio.start_server(visit, "127.0.0.1", 0)
    async with wire(total_s=0.05) as client:
        with pytest.raises(Unreachable) as caught:
            await client.send(Request(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))
    server.close()
    await asyncio.sleep(0.08)
    return caught.value
