"""The very bytes of a request, as a server gets them."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor import __version__
from sessiondoctor.errors import UsageError
from sessiondoctor.wire.message import Request
from tests.fakes.serving import serve, wire

HOST = "shop.example"
DEFAULTS = f"User-Agent: sessiondoctor/{__version__}\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n".encode()
WORDS = st.text(st.sampled_from("ab \t\r\n\0\x0b\x1c\x85:/?#[]@%\\é€"), max_size=6)


def sent(
    path: str = "/a?b=c", method: str = "GET", headers: tuple[tuple[str, str], ...] = (), body: bytes = b""
) -> bytes:
    """Return the bytes that a server gets; its port is cut out."""

    async def run() -> bytes:
        async with serve() as server, wire() as client:
            request = Request(f"http://{HOST}:{server.port}{path}", method, headers, body)
            await client.send(request, address="127.0.0.1")
        return server.requests[0].replace(f":{server.port}".encode(), b"", 1)

    return asyncio.run(run())


def test_a_plain_request() -> None:
    """Request line, defaults, blank line."""
    assert sent() == b"GET /a?b=c HTTP/1.1\r\nHost: shop.example\r\n" + DEFAULTS + b"\r\n"


def test_headers_keep_their_order_and_case() -> None:
    """They follow the defaults exactly as given, duplicates included."""
    headers = (("x-b", "1"), ("X-A", "2"), ("x-b", "3"))
    assert sent(headers=headers).endswith(DEFAULTS + b"x-b: 1\r\nX-A: 2\r\nx-b: 3\r\n\r\n")


def test_a_given_header_replaces_a_default() -> None:
    """There is one Host, the caller's, in whatever case; it comes first (RFC 9110 section 7.2)."""
    data = sent(headers=(("hOST", "node.example"), ("User-Agent", "x")))
    lines = b"GET /a?b=c HTTP/1.1", b"hOST: node.example", b"Accept-Encoding: gzip, deflate, br, zstd", b"User-Agent: x"
    assert data == b"\r\n".join((*lines, b"", b""))


@pytest.mark.parametrize(
    "path",
    ["//x/../y/./z", "/a%2Fb%zz", "/a'b|c~", "/?q=a|b'c", "/?a=1&a=2&", "/;jsessionid=1?x", "/caf%C3%A9"],
)
def test_the_path_is_that_of_the_url(path: str) -> None:
    """Nobody tidies it up on the way: a server may tell such paths apart."""
    assert sent(path).split(b" ")[1] == path.encode()


@pytest.mark.parametrize(("method", "length"), [("POST", b"0"), ("PUT", b"0"), ("GET", b"")])
def test_a_method_that_has_a_body_states_its_length(method: str, length: bytes) -> None:
    """Even none: a POST without a length is refused by some servers with 411."""
    assert (b"Content-Length: " + length + b"\r\n" in sent(method=method)) is bool(length)


def test_a_body_follows_as_it_is() -> None:
    """Bytes, not text."""
    assert sent(method="POST", body=b"\x00\xff\r\n").endswith(b"Content-Length: 4\r\n\r\n\x00\xff\r\n")


def test_received_bytes_go_back_as_they_came() -> None:
    """A cookie value decoded as Latin-1 is the same bytes again; other text is UTF-8."""
    assert b"Cookie: \xe9\xa0\r\n" in sent(headers=(("Cookie", "\xe9\xa0"),))
    assert "X: €\r\n".encode() in sent(headers=(("X", "€"),))


def test_white_space_around_a_value_is_no_part_of_it() -> None:
    """RFC 9110 section 5.5; a trailing space in a configuration file is no reason to send nothing."""
    assert b"X-A: b c\r\n" in sent(headers=(("X-A", " b c \t"),))


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\x00", "\x0b"])
@pytest.mark.parametrize("place", ["value", "name", "method"])
def test_nothing_can_be_injected(place: str, end: str) -> None:
    """A line break or NUL in a header or the method is refused before anything is sent, unquoted."""
    words = {"value": "x", "name": "X-A", "method": "GET"} | {place: f"SECRET{end}Injected: 1"}
    request = Request("http://127.0.0.1/", words["method"], ((words["name"], words["value"]),))

    async def run() -> None:
        async with serve() as server, wire() as client:
            with pytest.raises(UsageError) as caught:
                await client.send(request, address="127.0.0.1")
        assert "SECRET" not in str(caught.value)
        assert server.connections == []

    asyncio.run(run())


def test_a_length_that_does_not_fit_is_refused() -> None:
    """The rest of the connection would be taken for the next request."""
    with pytest.raises(UsageError):
        sent(method="POST", headers=(("Content-Length", "1"),), body=b"abc")


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\t", "\x00", "\x1b"])
def test_no_control_character_gets_into_a_url(end: str) -> None:
    """`urlsplit` would drop some of them silently."""
    with pytest.raises(UsageError):
        sent(f"/a{end}b")


@given(
    path=WORDS,
    name=st.one_of(st.just("A"), WORDS),
    value=WORDS,
    method=st.one_of(st.sampled_from(["GET", "POST"]), WORDS),
)
@settings(max_examples=60, deadline=None, database=None)
def test_whatever_is_asked_is_one_request_or_refused(path: str, name: str, value: str, method: str) -> None:
    """Exactly one request line and the lines of four headers, or a `UsageError`."""
    try:
        data = sent(f"/{path}", method, ((f"X-{name}", value),))
    except UsageError:
        return
    head, blank, rest = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert (blank, rest) == (b"\r\n\r\n", b"")
    assert len(lines) == 5 + (method in {"POST", "PUT", "PATCH"})
    assert b"\r" not in b"".join(lines)
    assert b"\n" not in b"".join(lines)
    assert len(lines[0].split(b" ")) == 3
