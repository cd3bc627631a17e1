from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor import __version__
from sessiondoctor.errors import UsageError
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.encode import encode
from sessiondoctor.wire.message import Request
from tests.fakes.serving import serve, wire

URL = "http://shop.example/a?b=c"
DEFAULTS = f"Host: shop.example\r\nUser-Agent: sessiondoctor/{__version__}\r\nAccept-Encoding: identity\r\n".encode()
WORDS = st.text(st.sampled_from("ab \t\r\n\0\x0b\x1c\x85:/?#[]@%\\é€"), max_size=6)


def encoded(request: Request) -> bytes:
    """Return the bytes of a request."""
    return encode(request, split_url(request.url))


def test_a_plain_request() -> None:
    """Request line, defaults, blank line."""
    assert encoded(Request(URL)) == b"GET /a?b=c HTTP/1.1\r\n" + DEFAULTS + b"\r\n"


def test_headers_keep_their_order_and_case() -> None:
    """They follow the defaults exactly as given, duplicates included."""
    headers = (("x-b", "1"), ("X-A", "2"), ("x-b", "3"))
    assert encoded(Request(URL, headers=headers)).endswith(DEFAULTS + b"x-b: 1\r\nX-A: 2\r\nx-b: 3\r\n\r\n")


def test_a_given_header_replaces_a_default() -> None:
    """There is one Host, the caller's, in whatever case."""
    data = encoded(Request(URL, headers=(("hOST", "node.example"), ("User-Agent", "x"))))
    assert data == b"GET /a?b=c HTTP/1.1\r\nAccept-Encoding: identity\r\nhOST: node.example\r\nUser-Agent: x\r\n\r\n"


@pytest.mark.parametrize(("method", "length"), [("POST", b"0"), ("PUT", b"0"), ("GET", b"")])
def test_a_method_that_has_a_body_states_its_length(method: str, length: bytes) -> None:
    """Even none: a POST without a length is refused by some servers with 411."""
    stated = b"Content-Length: " + length + b"\r\n" if length else b""
    assert encoded(Request(URL, method)).endswith(DEFAULTS + stated + b"\r\n")


def test_a_body_follows_as_it_is() -> None:
    """Bytes, not text."""
    assert encoded(Request(URL, "POST", body=b"\x00\xff\r\n")).endswith(b"Content-Length: 4\r\n\r\n\x00\xff\r\n")


def test_a_body_that_the_caller_frames_gets_no_length() -> None:
    """With a Transfer-Encoding, a Content-Length would make two framings."""
    request = Request(URL, "POST", (("Transfer-Encoding", "chunked"),), b"0\r\n\r\n")
    assert b"Content-Length" not in encoded(request)


def test_received_bytes_go_back_as_they_came() -> None:
    """A cookie value decoded as Latin-1 is the same bytes again; other text is UTF-8."""
    assert b"Cookie: \xe9\xa0\r\n" in encoded(Request(URL, headers=(("Cookie", "\xe9\xa0"),)))
    assert "X: €\r\n".encode() in encoded(Request(URL, headers=(("X", "€"),)))


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\x00"])
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


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\t", "\x00", "\x1b"])
def test_no_control_character_gets_into_a_url(end: str) -> None:
    """`urlsplit` would drop some of them silently."""
    with pytest.raises(UsageError):
        encoded(Request(f"http://shop.example/a{end}b"))


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
        data = encoded(Request(f"http://shop.example/{path}", method, ((f"X-{name}", value),)))
    except UsageError:
        return
    head, blank, rest = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert (blank, rest) == (b"\r\n\r\n", b"")
    assert len(lines) == 5 + (method in {"POST", "PUT", "PATCH"})
    assert b"\r" not in b"".join(lines)
    assert b"\n" not in b"".join(lines)
    assert len(lines[0].split(b" ")) == 3
