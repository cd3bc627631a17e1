from __future__ import annotations

import hashlib

import pytest

from sessiondoctor.formats.jar import Jar, RawJar
from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.cookie_names import Address, moved, readdressed, without_address
from sessiondoctor.probes.browser.target import Target
from sessiondoctor.redact import Redactor
from sessiondoctor.wire.client import Wire
from sessiondoctor.wire.message import Limits
from sessiondoctor.wire.pace import Pace

HERE = Address.of("http://127.0.0.1:8888/")
THERE = Address.of("http://127.0.0.1:8889/")
SHOP = Address.of("https://shop.test/")
JUPYTER = "username-127-0-0-1-8888"


def wordpress(url: str) -> str:
    """The name of its cookie for a siteurl."""
    return f"wordpress_logged_in_{md5(url)}"


def md5(text: str) -> str:
    """As hex."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        (JUPYTER, "username-*"),
        ("sid_127_0_0_1_8888_x", "sid_*_x"),
        ("sid", "sid"),
        ("sid-127-0-0-1-88881", "sid-127-0-0-1-88881"),
        ("p8888", "p8888"),
        (
            "wordpress_logged_in_8b71a64558719697f1a0f693afaa9c1f",
            "wordpress_logged_in_8b71a64558719697f1a0f693afaa9c1f",
        ),
        (wordpress("http://127.0.0.1:8888"), "wordpress_logged_in_*"),
        (wordpress("http://127.0.0.1:8888/"), "wordpress_logged_in_*"),
        (wordpress("http://127.0.0.1:8888/blog"), "wordpress_logged_in_*"),
        (wordpress("http://127.0.0.1:8889"), wordpress("http://127.0.0.1:8889")),
        (f"S{md5('127.0.0.1:8888')}x", "S*x"),
        (hashlib.sha256(b"127.0.0.1").hexdigest(), "*"),
    ],
)
def test_the_address_in_a_name(name: str, bare: str) -> None:
    """Both host and port, or a hash that was made of them; any other hash stays."""
    assert without_address(name, HERE, ["/blog/wp-admin"]) == bare


def test_the_published_name_of_a_site() -> None:
    """As WordPress 6 named its cookie at this address."""
    seen = "wordpress_8b71a64558719697f1a0f693afaa9c1f"
    assert without_address(seen, Address.of("http://127.0.0.1:23091/")) == "wordpress_*"


def test_the_name_at_another_address() -> None:
    """As that server would write it, in the same form; a port that the Host header lacks is not in it."""
    assert readdressed(JUPYTER, HERE, Address.of("https://shop.test:8443")) == "username-shop-test-8443"
    assert readdressed(JUPYTER, HERE, SHOP) == "username-shop-test"
    assert readdressed("sid", HERE, SHOP) == "sid"
    assert readdressed(wordpress("http://127.0.0.1:8888"), HERE, SHOP) == wordpress("https://shop.test")
    blog = wordpress("http://127.0.0.1:8888/blog")
    assert readdressed(blog, HERE, SHOP, ["/blog/"]) == wordpress("https://shop.test/blog")
    assert readdressed(wordpress("http://elsewhere.test"), HERE, SHOP) == wordpress("http://elsewhere.test")


def test_a_name_that_holds_the_scheme() -> None:
    """As phpMyAdmin adds it over https; a node that is asked by http, and told of nothing else, does not."""
    assert readdressed("phpMyAdmin_https", SHOP, HERE) == "phpMyAdmin"
    told = Address.of("http://127.0.0.1:8888/", (("X-Forwarded-Proto", "https"),))
    assert readdressed("phpMyAdmin_https", SHOP, told) == "phpMyAdmin_https"


def test_a_server_believes_its_proxy() -> None:
    """The Host and the scheme that requests carry, in whatever case; what is no host is not believed."""
    told = (("host", "shop.test"), ("X-Forwarded-Proto", "https"))
    assert Address.of("http://127.0.0.1:8888/", told) == SHOP
    assert Address.of("http://127.0.0.1:8888/", (("Host", "a b/@"),)) == HERE


def test_a_jar_goes_to_another_address() -> None:
    """Names that hold the address change, others do not; a jar without such names is left alone."""
    jar = RawJar()
    names = ("sid", JUPYTER, wordpress("http://127.0.0.1:8888/blog"))
    for name in names:
        jar.store(read_set_cookie(f"{name}=v; Path=/blog"), "http://127.0.0.1:8888/blog/", 0.0)
    there = moved(jar, HERE, THERE)
    assert {one.name for one in there.all()} == {
        "sid",
        "username-127-0-0-1-8889",
        wordpress("http://127.0.0.1:8889/blog"),
    }
    assert {one.name for one in jar.all()} == set(names)
    assert moved(jar, SHOP, THERE) is jar


@pytest.mark.parametrize(("jar", "name"), [(RawJar(), "username-127-0-0-1-8889"), (Jar(), JUPYTER)])
def test_only_what_no_browser_carries_is_renamed(jar: Jar, name: str) -> None:
    """A browser keeps the names that it was given, wherever it goes."""
    jar.store(read_set_cookie(f"{JUPYTER}=v; Path=/"), "http://127.0.0.1:8888/", 0.0)
    here, there = Target("http://127.0.0.1:8888/"), Target("http://127.0.0.1:8889/")
    client = Client(Wire(limits=Limits(), pace=Pace()), here, jar, Redactor())
    assert [one.name for one in client.at(there).jar.all()] == [name]
