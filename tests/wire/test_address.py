from __future__ import annotations

import pytest

from sessiondoctor.errors import UsageError
from sessiondoctor.wire.address import below, host_name, is_ip, is_loopback, join, place, split_url


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("http://shop.example", "http://shop.example/"),
        ("HTTP://SHOP.Example:80/A", "http://shop.example/A"),
        ("https://shop.example:443?x", "https://shop.example/?x"),
        ("https://shop.example:8443/#top", "https://shop.example:8443/"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://bücher.example/ü?ü=ü", "http://xn--bcher-kva.example/%C3%BC?%C3%BC=%C3%BC"),
        ("http://shop.example/a b|c;d=e%20f", "http://shop.example/a%20b|c;d=e%20f"),
        ("http://web_1.cluster_net:80/", "http://web_1.cluster_net/"),
    ],
)
def test_a_url_is_normalised(url: str, normal: str) -> None:
    """As a browser writes it: lower-case ASCII host, no default port, no fragment, encoded where needed."""
    assert split_url(url).url == normal


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "ftp://shop.example/",
        "javascript:alert(1)",
        "http://",
        "http:///path",
        "http://shop.example:0/",
        "http://shop.example:65536/",
        "http://shop.example:x/",
        "http://[::1/",
        "http://[::zz]/",
        "http://shop example/",
        "http://shop.example\\evil/",
        "http://-\x00/",
        "http://a..b/",
        f"http://{'a' * 64}.example/",
        "http://user:SECRET@shop.example/",
        "http://SECRET@shop.example/",
        "http://shop.example:SECRET@evil.example/?SECRET",
    ],
)
def test_what_is_no_url_for_us_is_refused(url: str) -> None:
    """A `UsageError` of one printable line that shows nothing after the host, and no user name or password."""
    with pytest.raises(UsageError) as caught:
        split_url(url)
    assert "SECRET" not in str(caught.value)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize("rest", ["/SECRET", "?SECRET", "#SECRET", ":x/SECRET", "\\SECRET", "\x00/SECRET"])
def test_what_follows_the_host_is_not_shown(rest: str) -> None:
    """Whatever is wrong with the URL."""
    with pytest.raises(UsageError) as caught:
        split_url(f"gopher://shop.example{rest}")
    assert "SECRET" not in str(caught.value)


def test_the_parts_of_an_origin() -> None:
    """Authority with the port, Host header without the scheme's own."""
    origin = split_url("https://[2001:db8::1]/").origin
    assert (origin.authority, origin.host_header) == ("[2001:db8::1]:443", "[2001:db8::1]")
    assert split_url("http://a.example:8080/").origin.host_header == "a.example:8080"


def test_a_target_does_not_show_its_path() -> None:
    """Paths hold session ids (`;jsessionid=`)."""
    assert "SECRET" not in repr(split_url("http://a.example/;jsessionid=SECRET?t=SECRET"))


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("/x", "http://a.example/x"),
        ("x", "http://a.example/b/x"),
        ("../x", "http://a.example/x"),
        ("//c.example/x", "http://c.example/x"),
        ("?x", "http://a.example/b/c?x"),
        ("https://c.example", "https://c.example/"),
    ],
)
def test_references_are_resolved(reference: str, url: str) -> None:
    """RFC 3986, section 5.2."""
    assert join("http://a.example/b/c", reference) == url


@pytest.mark.parametrize(
    "reference", ["javascript:alert(1)", "mailto:a@b.example", "//[::zz]/", "http://u:p@c.example/"]
)
def test_a_reference_that_leads_to_no_web_page_is_refused(reference: str) -> None:
    """A `UsageError`, not a request to somewhere odd."""
    with pytest.raises(UsageError):
        join("http://a.example/", reference)


@pytest.mark.parametrize(
    ("base", "path", "url"),
    [
        ("http://a.example", "/login", "http://a.example/login"),
        ("http://a.example/shop/", "/login", "http://a.example/shop/login"),
        ("http://a.example/shop?x=1", "login?y=2", "http://a.example/shop/login?y=2"),
        ("http://a.example/shop", "", "http://a.example/shop/"),
        ("http://a.example/shop", "//evil.example/", "http://a.example/shop/evil.example/"),
        ("http://a.example/shop", "a:b", "http://a.example/shop/a:b"),
    ],
)
def test_a_path_below_a_url(base: str, path: str, url: str) -> None:
    """A path stays below its base and on its host."""
    assert below(base, path) == url


def test_the_place_of_a_url_can_always_be_shown() -> None:
    """Scheme, host and port; never raises."""
    assert place("https://a.example:8443/SECRET?SECRET") == "https://a.example:8443"
    assert place("http://u:SECRET@a.example/") == "an unusable URL"


@pytest.mark.parametrize("text", ["127.0.0.1", "::1", "2001:db8::1"])
def test_ip_addresses(text: str) -> None:
    """IPv4 and IPv6 without brackets."""
    assert is_ip(text)
    assert host_name(text) == text


@pytest.mark.parametrize(
    "text", ["", "localhost", "1.2.3", "127.1", "[::1]", "1.2.3.4\0", "1.2.3.4 ", "::1%lo", "\uff11.2.3.4"]
)
def test_no_ip_addresses(text: str) -> None:
    """Shorthands and zones are none."""
    assert not is_ip(text)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [
        ("localhost", True),
        ("a.localhost", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("127.evil.example", False),
        ("localhost.example", False),
        ("10.0.0.1", False),
    ],
)
def test_loopback(host: str, *, loopback: bool) -> None:
    """RFC 6761 section 6.3, RFC 1122 section 3.2.1.3; a name that begins with 127 is a name."""
    assert is_loopback(host) is loopback
