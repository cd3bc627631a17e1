from __future__ import annotations

import asyncio
import time

import pytest

from sessiondoctor.errors import Unreachable
from sessiondoctor.wire.message import Request, Response
from tests.fakes.serving import OK, serve, wire


def response(answer: bytes, method: str = "GET") -> Response:
    """Return the response that these bytes are; then the server closes."""

    async def run() -> Response:
        async with serve(lambda _: answer, per_connection=1) as server, wire() as client:
            return await client.send(Request(server.url, method))

    return asyncio.run(run())


def trouble(answer: bytes) -> str:
    """Return what is wrong with these bytes, without the place."""
    with pytest.raises(Unreachable) as caught:
        response(answer)
    return str(caught.value).partition(": ")[2]


def test_headers_come_as_they_were_sent() -> None:
    """Order, case, duplicates and bytes that are not ASCII."""
    answer = b"HTTP/1.1 200 OK\r\nset-cookie: b=\xe9\r\nX-A:1\r\nSet-Cookie:  a=2 \r\nContent-Length: 0\r\n\r\n"
    headers = (("set-cookie", "b=\xe9"), ("X-A", "1"), ("Set-Cookie", "a=2"), ("Content-Length", "0"))
    assert response(answer).headers == headers


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (OK, b"ok"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n",
            b"abcde",
        ),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", b""),
        (b"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", b""),
    ],
    ids=["length", "chunks", "end", "http-1.0", "204", "304", "no reason", "no reason, no space"],
)
def test_bodies_end_as_their_framing_says(answer: bytes, body: bytes) -> None:
    """RFC 9112, section 6.3."""
    assert response(answer).body == body


def test_an_answer_to_head_has_no_body() -> None:
    """Whatever length it states."""
    assert response(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HEAD").body == b""


def test_interim_responses_are_passed_over() -> None:
    """The final one counts, its headers only."""
    answer = response(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK)
    assert (answer.status, answer.header("link")) == (200, "")


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_the_version_is_told(version: str) -> None:
    """It decides about keep-alive."""
    assert response(OK.replace(b"1.1", version.encode())).http_version == version


def test_the_times_enclose_the_servers_date() -> None:
    """The server answered between `sent_at` and `answered_at`, the body came later, and `elapsed_s` covers all."""
    moments: list[float] = []

    async def visit(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        moments.append(time.time())
        head, body = OK[:-2], OK[-2:]
        writer.write(head)
        await asyncio.sleep(0.05)
        moments.append(time.time())
        writer.write(body)
        writer.close()

    async def run() -> None:
        server = await asyncio.start_server(visit, "127.0.0.1", 0)
        async with wire() as client:
            answer = await client.send(Request(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"))
        server.close()
        await asyncio.sleep(0)
        assert answer.sent_at <= moments[0] <= answer.answered_at < moments[1]
        assert 0.05 <= answer.elapsed_s < 1

    asyncio.run(run())


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (b"HTTP/1.1 SECRET OK\r\n\r\n", "its status line is not HTTP/1"),
        (b"HTTP/1.1 200 OK\r\nSECRET\r\n\r\n", "a header line is not valid HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: SECRET\r\n\r\n", "the length of its body is not a number"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "it states two lengths of its body"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nSECRET\r\n", "its chunked encoding is broken"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: SECRET\r\n\r\n", "its transfer encoding is unknown"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
            "it states two transfer encodings",
        ),
        (b"SSH-2.0-SECRET\r\n", "it does not answer in HTTP/1"),
        (b"\x15\x03\x03\x00\x02\x02\x0a", "it answers in TLS"),
        (b"HTTP/1.1 200 OK\r\nX: SECRET", "closed the connection in the middle of its response"),
        (b"", "closed the connection without an answer"),
    ],
)
def test_what_is_wrong_is_said_in_our_words(answer: bytes, what: str) -> None:
    """The parser's own text quotes the server; ours does not, and neither does the chain of causes."""
    assert trouble(answer) == what
    with pytest.raises(Unreachable) as caught:
        response(answer)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
