from __future__ import annotations

import pytest

from sessiondoctor.wire.message import Headers, Request, Response


def response(headers: Headers = (), body: bytes = b"") -> Response:
    """Return a response with these headers and this body."""
    return Response(
        url="http://shop.example/cart;jsessionid=SECRET?token=SECRET",
        status=200,
        headers=headers,
        body=body,
        truncated=False,
        http_version="1.1",
        address="127.0.0.1:80",
        reused=False,
        sent_at=0.0,
        answered_at=0.0,
        elapsed_s=0.0,
    )


def test_headers_are_found_in_any_case() -> None:
    """`header` gives the first value, `all` every one in order."""
    answer = response((("Set-Cookie", "a=1"), ("Date", "now"), ("set-cookie", "b=2")))
    assert answer.header("DATE") == "now"
    assert answer.header("SET-COOKIE") == "a=1"
    assert answer.all("Set-Cookie") == ("a=1", "b=2")
    assert (answer.header("age"), answer.header("age", "0"), answer.all("age")) == ("", "0", ())


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("", "ü".encode(), "ü"),
        ("text/html; charset=ISO-8859-1", b"\xfc", "ü"),
        ('text/html; charset="utf-8"', "ü".encode(), "ü"),
        ("text/html; CHARSET = windows-1252", b"\x80", "€"),
        ("text/html; charset=utf-8", b"a\xff", "a\ufffd"),
        ("text/html; charset=nonsense", "ü".encode(), "ü"),
        ("text/html; charset=punycode", b"abc-", "abc-"),
        ("text/html; charset=rot13", b"abc", "abc"),
        ("text/html; charset=iso-8859-99", b"abc", "abc"),
    ],
)
def test_text_is_decoded_by_its_charset(kind: str, body: bytes, text: str) -> None:
    """Only well-known charsets count; everything else is UTF-8, and nothing raises."""
    assert response((("Content-Type", kind),), body).text == text


def test_no_repr_shows_a_secret() -> None:
    """Neither path, query, header nor body."""
    answer = response((("Set-Cookie", "sid=SECRET"),), b"SECRET")
    asked = Request("http://shop.example/?SECRET", headers=(("Cookie", "sid=SECRET"),), body=b"SECRET")
    assert repr(answer) == "Response(200 from http://shop.example, 6 bytes)"
    assert repr(asked) == "Request(GET http://shop.example)"


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("Shop.Example", "shop.example"),
        ("shop.example:8080", "shop.example"),
        ("[::1]:80", "::1"),
        ("", ""),
        ("not a host", ""),
        ("u:p@shop.example", ""),
    ],
)
def test_the_virtual_host_is_that_of_the_host_header(header: str, host: str) -> None:
    """In any case of its name; nothing where it names no host."""
    assert Request("http://127.0.0.1/", headers=(("hOsT", header),)).virtual_host == host
    assert Request("http://127.0.0.1/").virtual_host == ""
