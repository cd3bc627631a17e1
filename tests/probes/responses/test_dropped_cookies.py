"""Cookies that a browser does not keep or send back are told by name and reason."""

from __future__ import annotations

import time

import pytest

from sessiondoctor.formats.jar import Jar, RawJar
from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.probes.browser.results import Setting
from sessiondoctor.probes.responses.dropped_cookies import unkept
from tests.fakes.cluster import Cluster, RoundRobin, sharing

URL = "http://shop.test/login"
READ = "http://shop.test/cart"
SECRET = "s3cr3tvalue"


def setting(header: str, jar: Jar | None = None, *, deletes: bool = False) -> Setting:
    """A Set-Cookie as a client takes it in."""
    now = time.time()
    refused = (jar or Jar()).store(read_set_cookie(header), URL, now).reason
    return Setting(read_set_cookie(header), URL, refused, now, deletes)


@pytest.mark.parametrize("jar", [Jar, RawJar])
@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        ("Secure", "dropped, Secure set over plain HTTP"),
        ("SameSite=None", "dropped, SameSite=None without Secure"),
        ("Domain=other.test", "dropped, Domain does not cover the host"),
        ("Path=/shop", "not sent back, Path=/shop does not match /cart"),
        ("Max-Age=0", "dropped, expired"),
        ("Path=/(S(0123abcd))/x", "not sent back, Path=/x does not match /cart"),
    ],
)
def test_the_reason_is_a_browser_s(jar: type[Jar], attributes: str, reason: str) -> None:
    """Also where the client at hand has no browser's rules; the value never shows."""
    (told,) = unkept([setting(f"sid={SECRET}; {attributes}", jar())], READ)
    assert told == f"sid: {reason}"


def test_what_a_browser_returns_is_not_told() -> None:
    """Nor is a deletion, which is meant."""
    assert unkept([setting(f"sid={SECRET}; Path=/"), setting("sid=; Max-Age=0", deletes=True)], READ) == ()
    assert unkept([setting(f"sid={SECRET}; Path=/shop")], "") == ()


def test_a_flood_of_names_is_cut() -> None:
    """In number and in length, each once."""
    headers = [f"{'n' * 500}{n}=v; Path=/{'p' * 900}" for n in range(3)] + [f"c{n}=v; Secure" for n in range(20)]
    told = unkept([setting(header) for header in headers * 2], READ)
    assert len(told) == 9
    assert told[-1].endswith(" more")
    assert max(map(len, told)) <= 240


def test_hops_tell_what_was_dropped() -> None:
    """Of browsers' clients and of the raw one, which keeps the state."""
    nodes = sharing(attributes="; Path=/; Secure")
    visits = Cluster(RoundRobin(nodes), nodes).visits()
    expected = ("connect.sid: dropped, Secure set over plain HTTP",)
    assert visits.returning[0].exchanges[0].dropped == expected
    assert {exchange.dropped for exchange in visits.fresh} == {expected}
    assert visits.raw
    assert visits.raw.exchanges[0].dropped == expected


def test_hops_tell_what_stays_behind() -> None:
    """A path that the page with the state is not under."""
    nodes = sharing(attributes="; Path=/app")
    visits = Cluster(RoundRobin(nodes), nodes).visits()
    assert visits.returning[0].exchanges[0].dropped == ("connect.sid: not sent back, Path=/app does not match /cart",)
    healthy = sharing()
    traces = Cluster(RoundRobin(healthy), healthy).visits().returning
    assert not any(exchange.dropped for trace in traces for exchange in trace.exchanges)
