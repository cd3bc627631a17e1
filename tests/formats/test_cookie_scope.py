from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats.cookie_scope import Place, default_path, domain_matches, path_matches, place_of

QUICK = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Shop.Example/a/b?c#d", Place("shop.example", "/a/b", secure=True)),
        ("http://shop.example:8080", Place("shop.example", "/", secure=False)),
        ("http://localhost/", Place("localhost", "/", secure=False)),
        ("http://127.0.0.1:80/x;y", Place("127.0.0.1", "/x;y", secure=False)),
        ("https://[::1]:8443/", Place("[::1]", "/", secure=True)),
        ("wss://shop.example/socket", Place("shop.example", "/socket", secure=True)),
        ("https://müller.example/", Place("xn--mller-kva.example", "/", secure=True)),
        ("https://[::1", Place("", "/", secure=False)),
        ("shop.example", Place("", "shop.example", secure=False)),
        ("", Place("", "/", secure=False)),
    ],
)
def test_what_cookies_see_of_a_url(url: str, place: Place) -> None:
    """Host without port, path without query; only TLS is secure."""
    assert place_of(url) == place


@pytest.mark.parametrize(
    ("path", "default"), [("/", "/"), ("", "/"), ("x/y", "/"), ("/a", "/"), ("/a/", "/a"), ("/a/b", "/a"), ("//", "/")]
)
def test_default_path(path: str, default: str) -> None:
    """Section 5.1.4: up to the last slash."""
    assert default_path(path) == default


@pytest.mark.parametrize(
    ("request_path", "cookie_path", "match"),
    [
        ("/", "/", True),
        ("/app", "/app", True),
        ("/app/", "/app", True),
        ("/app/cart", "/app", True),
        ("/app/cart", "/app/", True),
        ("/app", "/app/", False),
        ("/application", "/app", False),
        ("/cart", "/app", False),
        ("/App", "/app", False),
        ("/", "/app", False),
        ("/a%2Fb", "/a/b", False),
    ],
)
def test_path_match(request_path: str, cookie_path: str, *, match: bool) -> None:
    """Section 5.1.4: whole segments, octet by octet."""
    assert path_matches(request_path, cookie_path) is match


@pytest.mark.parametrize(
    ("host", "domain", "match"),
    [
        ("shop.example", "shop.example", True),
        ("www.shop.example", "shop.example", True),
        ("a.b.shop.example", "shop.example", True),
        ("shop.example", "www.shop.example", False),
        ("myshop.example", "shop.example", False),
        ("shop.example", "example", True),
        ("shop.example", "", False),
        ("", "", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "0.0.1", False),
        ("127.0.0.1", "1", False),
        ("1.2.3.0x7f", "3.0x7f", False),
        ("[::ffff:1.2.3.4]", "3.4]", False),
    ],
)
def test_domain_match(host: str, domain: str, *, match: bool) -> None:
    """Section 5.1.3: the same, or below, and an address has nothing below it."""
    assert domain_matches(host, domain) is match


@QUICK
@given(url=st.text() | st.text(alphabet="htps:/[]@.#?%é\u0661ax").map("http:".__add__))
def test_no_url_is_an_error(url: str) -> None:
    """A host without meaning is no host."""
    place = place_of(url)
    assert path_matches(place.path, default_path(place.path)) or not place.path.startswith("/")
