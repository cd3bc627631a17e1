from __future__ import annotations

import pytest

from sessiondoctor.wire.message import Headers, Request, Response
from sessiondoctor.wire.redirect import next_request, redirected_to

URL = "https://shop.example/cart?token=SECRET"
SECRETS: Headers = (("Authorization", "Bearer SECRET"), ("Cookie", "sid=SECRET"))


def redirect(location: str, status: int = 302, url: str = URL) -> Response:
    """Return a redirect."""
    return Response(
        url=url,
        status=status,
        headers=(("Location", location),) if location else (),
        body=b"",
        truncated=False,
        http_version="1.1",
        address="127.0.0.1:443",
        reused=False,
        sent_at=0.0,
        answered_at=0.0,
        elapsed_s=0.0,
    )


def moved(location: str, status: int = 302) -> bytes:
    """Return the bytes of a redirect."""
    return f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/login", "https://shop.example/login"),
        ("login?next=a b", "https://shop.example/login?next=a%20b"),
        ("//shop.example/x", "https://shop.example/x"),
        ("http://evil.example", "http://evil.example/"),
        ("/\xc3\xbc", "https://shop.example/%C3%BC"),
        ("", ""),
        ("javascript:alert(1)", ""),
        ("http://user:SECRET@shop.example/", ""),
        ("http://[::zz]/", ""),
        ("http://shop.example:99999/", ""),
    ],
)
def test_where_a_redirect_leads(location: str, leads_to: str) -> None:
    """An absolute URL of the web, or nothing."""
    assert redirected_to(redirect(location)) == leads_to


@pytest.mark.parametrize("status", [200, 201, 300, 304, 305, 404])
def test_other_statuses_lead_nowhere(status: int) -> None:
    """Even with a Location, as 201 may have."""
    assert redirected_to(redirect("/login", status)) == ""


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "PUT", "GET"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
        (302, "HEAD", "HEAD"),
        (303, "HEAD", "HEAD"),
        (302, "GET", "GET"),
    ],
)
def test_the_method_after_a_redirect(status: int, method: str, then: str) -> None:
    """As browsers do (WHATWG fetch, HTTP-redirect fetch); a body goes with its method."""
    headers = (("Content-Type", "text/plain"), ("Content-Length", "1"), ("X-A", "1"))
    onward = next_request(Request(URL, method, headers, b"x"), redirect("/login", status))
    assert onward is not None
    assert onward.method == then
    assert onward.body == (b"x" if status in {307, 308} or method == "HEAD" else b"")
    assert (("Content-Type", "text/plain") in onward.headers) is bool(onward.body)
    assert ("X-A", "1") in onward.headers


def test_another_host_ends_it() -> None:
    """No request, so no cookie and no Authorization, goes to a host that was not asked for."""
    request = Request(URL, headers=SECRETS)
    for location in ("https://evil.example/", "//evil.example/", "https://shop.example.evil/", "http://127.0.0.1/"):
        assert next_request(request, redirect(location)) is None


@pytest.mark.parametrize(
    ("url", "location", "kept"),
    [
        ("https://shop.example/", "/login", {"Authorization", "Cookie", "X-A"}),
        ("http://shop.example/", "https://shop.example/", {"Authorization", "Cookie", "X-A"}),
        ("https://shop.example/", "http://shop.example/", {"X-A"}),
        ("https://shop.example/", "https://shop.example:8443/", {"Cookie", "X-A"}),
        ("http://shop.example:8080/", "https://shop.example/", {"Cookie", "X-A"}),
    ],
)
def test_credentials_after_a_redirect(url: str, location: str, kept: set[str]) -> None:
    """None leave TLS; Authorization does not change ports either, but for the usual step from http to https."""
    onward = next_request(Request(url, headers=(*SECRETS, ("X-A", "1"))), redirect(location, url=url))
    assert onward is not None
    assert {name for name, _ in onward.headers} == kept


def test_a_node_that_redirects_to_the_sites_name_is_asked_again() -> None:
    """Asked by its own address under the site's name, it stays at this address."""
    request = Request("http://127.0.0.1:8080/", headers=(("Host", "shop.example"),))
    onward = next_request(request, redirect("https://shop.example/login", url=request.url))
    assert onward is not None
    assert onward.url == "http://127.0.0.1:8080/login"
