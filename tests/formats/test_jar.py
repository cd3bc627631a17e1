from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats import refusals
from sessiondoctor.formats.jar import (
    KEPT_OF_A_SITE,
    MOST_COOKIES,
    MOST_OF_A_SITE,
    Jar,
    RawJar,
    Verdict,
    why_not_sent,
)
from sessiondoctor.formats.retrieval import Retrieval
from sessiondoctor.formats.set_cookie import read_set_cookie
from tests.fakes.cookie_header import header_for

QUICK = settings(max_examples=60, deadline=None)
NOW = 1_800_000_000.0
HTTPS = "https://www.shop.example/app/cart"
HTTP = "http://www.shop.example/app/cart"


def jar_with(*headers: str, url: str = HTTPS) -> Jar:
    """A jar after responses with these headers."""
    jar = Jar()
    for header in headers:
        jar.store(read_set_cookie(header), url, NOW)
    return jar


@pytest.mark.parametrize(
    ("header", "url", "reason"),
    [
        ("a=b", HTTP, ""),
        ("", HTTPS, refusals.EMPTY),
        ("a=\x01", HTTPS, refusals.CONTROL_CHARACTERS),
        ("a=" + "b" * 4096, HTTPS, refusals.TOO_LARGE),
        ("a=b", "nonsense", refusals.NOT_A_WEB_ADDRESS),
        ("a=b; Domain=shop.example", HTTPS, ""),
        ("a=b; Domain=.WWW.shop.example", HTTPS, ""),
        ("a=b; Domain=other.example", HTTPS, refusals.DOMAIN_ELSEWHERE),
        ("a=b; Domain=a.www.shop.example", HTTPS, refusals.DOMAIN_ELSEWHERE),
        ("a=b; Domain=hop.example", HTTPS, refusals.DOMAIN_ELSEWHERE),
        ("a=b; Domain=shop.example.", HTTPS, refusals.DOMAIN_ELSEWHERE),
        ("a=b; Domain=shöp.example", HTTPS, refusals.DOMAIN_ELSEWHERE),
        ("a=b; Domain=example", HTTPS, refusals.PUBLIC_SUFFIX),
        ("a=b; Domain=co.uk", "https://shop.co.uk/", refusals.PUBLIC_SUFFIX),
        ("a=b; Domain=github.io", "https://shop.github.io/", refusals.PUBLIC_SUFFIX),
        ("a=b; Domain=github.io", "https://github.io/", ""),
        ("a=b; Domain=shop.co.uk", "https://www.shop.co.uk/", ""),
        ("a=b; Domain=test", "https://shop.test/", refusals.PUBLIC_SUFFIX),
        ("a=b; Domain=shop.test", "https://www.shop.test/", ""),
        ("a=b; Domain=shop.internal", "https://www.shop.internal/", ""),
        ("a=b; Domain=localhost", "http://shop.localhost/", ""),
        ("a=b; Domain=app1", "http://app1:8080/", ""),
        ("a=b; Domain=localhost", "http://localhost:8080/", ""),
        ("a=b; Domain=127.0.0.1", "http://127.0.0.1:8080/", ""),
        ("a=b; Domain=0.0.1", "http://127.0.0.1:8080/", refusals.DOMAIN_ELSEWHERE),
        ("a=b; Secure", HTTPS, ""),
        ("a=b; Secure", HTTP, refusals.SECURE_OVER_HTTP),
        ("a=b; Secure", "http://localhost/", refusals.SECURE_OVER_HTTP),
        ("a=b; SameSite=None; Secure", HTTPS, ""),
        ("a=b; SameSite=None", HTTPS, refusals.NONE_WITHOUT_SECURE),
        ("a=b; SameSite=None", HTTP, refusals.NONE_WITHOUT_SECURE),
        ("a=b; SameSite=Strict", HTTP, ""),
        ("a=b; Partitioned", HTTPS, refusals.PARTITIONED_WITHOUT_SECURE),
        ("a=b; Partitioned; Secure", HTTPS, ""),
        ("__Secure-a=b; Secure; Domain=shop.example", HTTPS, ""),
        ("__SeCuRe-a=b", HTTPS, refusals.SECURE_PREFIX),
        ("__Host-a=b; Secure; Path=/", HTTPS, ""),
        ("__HOST-a=b; Secure; Path=/", HTTPS, ""),
        ("__Host-a=b; Path=/", HTTPS, refusals.HOST_PREFIX),
        ("__Host-a=b; Secure", "https://www.shop.example/", refusals.HOST_PREFIX),
        ("__Host-a=b; Secure; Path=/app", HTTPS, refusals.HOST_PREFIX),
        ("__host-a=b; Secure; Path=/; Domain=www.shop.example", HTTPS, refusals.HOST_PREFIX),
        ("__Host-a=b; Secure; Path=/", HTTP, refusals.SECURE_OVER_HTTP),
        ("=__Host-a=b; Secure; Path=/", HTTPS, refusals.HOST_PREFIX),
        ("__Secure-a; Secure", HTTPS, refusals.SECURE_PREFIX),
        ("__Http-a=b; Secure; HttpOnly", HTTPS, ""),
        ("__http-a=b; Secure", HTTPS, refusals.HTTP_PREFIX),
        ("__Http-a; Secure; HttpOnly", HTTPS, refusals.HTTP_PREFIX),
        ("__Host-Http-a=b; Secure; HttpOnly; Path=/", HTTPS, ""),
        ("__Host-Http-a=b; Secure; Path=/", HTTPS, refusals.HOST_PREFIX),
        ("a=b; Max-Age=0", HTTPS, refusals.EXPIRED),
        ("a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT", HTTPS, refusals.EXPIRED),
    ],
)
def test_what_a_browser_stores(header: str, url: str, reason: str) -> None:
    """Section 5.7, and the reason in words."""
    jar = Jar()
    assert jar.store(read_set_cookie(header), url, NOW) == Verdict(stored=not reason, reason=reason)
    assert len(jar) == (0 if reason else 1)


@pytest.mark.parametrize(
    ("header", "set_by", "url", "reason"),
    [
        ("a=b; Path=/", HTTPS, "https://www.shop.example/", ""),
        ("a=b; Path=/", HTTPS, "https://www.shop.example:444/", ""),
        ("a=b", HTTPS, "https://www.shop.example/app/x/y", ""),
        ("a=b", HTTPS, "https://www.shop.example/cart", "Path=/app does not match /cart"),
        ("a=b; Path=/app", HTTPS, "https://www.shop.example/application", "Path=/app does not match /application"),
        ("a=b; Path=/", HTTPS, "https://shop.example/", "Domain is not set, so it goes to www.shop.example only"),
        ("a=b; Path=/", HTTPS, "https://a.www.shop.example/", "Domain is not set"),
        ("a=b; Path=/; Domain=shop.example", HTTPS, "https://api.shop.example/", ""),
        ("a=b; Path=/; Domain=shop.example", HTTPS, "https://shop.example/", ""),
        (
            "a=b; Path=/; Domain=shop.example",
            HTTPS,
            "https://else.example/",
            "Domain=shop.example does not match else.example",
        ),
        ("a=b; Path=/; Secure", HTTPS, "http://www.shop.example/", "Secure, but the URL is plain HTTP"),
        ("a=b; Path=/; Max-Age=0", HTTPS, HTTPS, "expired"),
        ("a=b; Path=/; SameSite=Strict", HTTPS, HTTPS, ""),
        ("a=b; Path=/", HTTPS, "nonsense", "Domain is not set"),
        ("a=b; Path=/x;", HTTPS, "https://www.shop.example/y;jsessionid=31D4", "Path=/x does not match /y"),
    ],
)
def test_why_a_cookie_is_not_sent(header: str, set_by: str, url: str, reason: str) -> None:
    """Section 5.8.3; the sentence names what does not fit, and no session id."""
    told = why_not_sent(read_set_cookie(header), set_by, url, NOW)
    assert told.startswith(reason)
    assert bool(told) is bool(reason)
    assert "31D4" not in told


def test_a_stored_cookie_says_the_same_as_the_jar_does() -> None:
    """`why_not_sent` and `cookies_for` agree, also when time has passed."""
    jar = jar_with("a=b; Path=/app; Max-Age=60")
    (cookie,) = jar.all()
    for url, now in ((HTTPS, NOW), (HTTPS, NOW + 61), ("https://www.shop.example/", NOW)):
        assert (why_not_sent(cookie, HTTPS, url, now) == "") == (cookie in jar.cookies_for(url, now))


def test_longer_paths_come_first_then_older_cookies() -> None:
    """Section 5.8.3, step 4: servers that take the first of two depend on it."""
    jar = jar_with("a=1; Path=/", "b=2; Path=/", "a=3; Path=/app", "c=4; Path=/app/cart")
    assert header_for(jar, HTTPS, NOW) == "c=4; a=3; a=1; b=2"


def test_a_replaced_cookie_keeps_its_place() -> None:
    """Section 5.7, step 23: the creation time of the old one stays."""
    jar = jar_with("a=1; Path=/", "b=2; Path=/")
    assert jar.store(read_set_cookie("a=9; Path=/"), HTTPS, NOW + 10).stored
    assert header_for(jar, HTTPS, NOW + 10) == "a=9; b=2"
    assert [cookie.created_at for cookie in jar.all()] == [NOW, NOW]


def test_name_domain_and_path_make_a_cookie() -> None:
    """Otherwise two of one name live side by side."""
    jar = jar_with("a=1; Path=/", "a=2; Path=/app", "a=3; Path=/; Domain=shop.example", "A=4; Path=/")
    assert len(jar) == 4
    assert jar.names() == ("a", "A")
    assert header_for(jar, "https://api.shop.example/", NOW) == "a=3"


def test_a_deletion_needs_the_same_domain_and_path() -> None:
    """The usual mistake at logout."""
    jar = jar_with("a=1; Path=/app", "a=; Path=/; Max-Age=0", "a=; Path=/app; Domain=shop.example; Max-Age=0")
    assert header_for(jar, HTTPS, NOW) == "a=1"
    assert (
        jar.store(read_set_cookie("a=; Path=/app; Expires=Thu, 01 Jan 1970 00:00:00 GMT"), HTTPS, NOW).reason
        == refusals.EXPIRED
    )
    assert header_for(jar, HTTPS, NOW) == ""


def test_a_refused_deletion_deletes_nothing() -> None:
    """Plain HTTP cannot delete a Secure cookie."""
    jar = jar_with("a=1; Path=/; Secure")
    assert jar.store(read_set_cookie("a=; Path=/; Secure; Max-Age=0"), HTTP, NOW).reason == refusals.SECURE_OVER_HTTP
    assert header_for(jar, HTTPS, NOW) == "a=1"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("a=2; Path=/app", refusals.OVERLAYS_SECURE),
        ("a=2; Path=/app/deep", refusals.OVERLAYS_SECURE),
        ("a=2; Path=/app; Domain=shop.example", refusals.OVERLAYS_SECURE),
        ("a=2; Path=/", ""),
        ("b=2; Path=/app", ""),
    ],
)
def test_plain_http_leaves_secure_cookies_alone(header: str, reason: str) -> None:
    """Section 5.7, step 16."""
    assert jar_with("a=1; Path=/app; Secure").store(read_set_cookie(header), HTTP, NOW).reason == reason


def test_cookies_end_with_their_lifetime() -> None:
    """At the very second, and not later than 400 days."""
    jar = jar_with("a=1; Path=/; Max-Age=60", "b=2; Path=/", "c=3; Path=/; Max-Age=99999999")
    assert header_for(jar, HTTPS, NOW + 59.9) == "a=1; b=2; c=3"
    assert header_for(jar, HTTPS, NOW + 60) == "b=2; c=3"
    assert header_for(jar, HTTPS, NOW + 400 * 86400) == "b=2"


def test_a_nameless_cookie_is_sent_as_its_value() -> None:
    """Section 5.8.3, step 6."""
    assert header_for(jar_with("bare; Path=/"), HTTPS, NOW) == "bare"


def test_a_copy_without_names_leaves_the_jar_alone() -> None:
    """Clients that withhold the affinity cookie are copies."""
    jar = jar_with("a=1; Path=/", "b=2; Path=/")
    fewer = jar.without({"a"})
    fewer.store(read_set_cookie("c=3; Path=/"), HTTPS, NOW)
    assert (header_for(jar, HTTPS, NOW), header_for(fewer, HTTPS, NOW)) == ("a=1; b=2", "b=2; c=3")


def test_cookies_can_be_added_and_replaced() -> None:
    """A session made elsewhere is put into a fresh jar."""
    jar = jar_with("a=1; Path=/", "b=2; Path=/")
    other = jar_with("a=9; Path=/", "c=3; Path=/").with_cookies(jar.all())
    assert header_for(other, HTTPS, NOW) == "a=1; c=3; b=2"
    assert header_for(jar.copy(), HTTPS, NOW) == "a=1; b=2"


@pytest.mark.parametrize("kind", [Jar, RawJar])
def test_a_jar_is_bounded(kind: type[Jar]) -> None:
    """A server that sets a new cookie for ever fills no memory; expired ones go first, then the longest unused."""
    jar = kind()
    jar.store(read_set_cookie("old=1; Path=/"), HTTPS, NOW)
    jar.store(read_set_cookie("renewed=1; Path=/"), HTTPS, NOW)
    jar.store(read_set_cookie("brief=1; Path=/; Max-Age=1"), HTTPS, NOW)
    for number in range(MOST_COOKIES - 2):
        jar.store(read_set_cookie(f"n{number}=1; Path=/"), f"https://shop{number}.example/", NOW + 2)
    assert jar.names()[:3] == ("old", "renewed", "n0"), "the expired one made room"
    jar.store(read_set_cookie("renewed=2; Path=/"), HTTPS, NOW + 3)
    jar.store(read_set_cookie("last=1; Path=/"), HTTPS, NOW + 3)
    assert len(jar) == MOST_COOKIES
    assert jar.names()[:2] == ("renewed", "n0")


def flooded(*first: str, count: int) -> Jar:
    """A jar with these cookies and then so many more of the same site, from two hosts."""
    jar = jar_with(*first)
    for number in range(count):
        jar.store(
            read_set_cookie(f"n{number}=1; Path=/"),
            HTTPS if number % 2 else "https://api.shop.example/",
            NOW + 2 + number,
        )
    return jar


def test_180_cookies_of_a_site_are_kept() -> None:
    """Section 6.1 asks for 50; Chrome and Firefox hold as many as this."""
    assert len(flooded("SID=1; Path=/", count=MOST_OF_A_SITE - 1)) == MOST_OF_A_SITE


def test_one_more_costs_those_not_secure_and_longest_unused() -> None:
    """Section 5.7; a session that ends in a flood of other cookies shows here."""
    jar = flooded("SID=1; Path=/", "TOKEN=1; Secure; Path=/", "AGAIN=1; Path=/", count=MOST_OF_A_SITE - 3)
    jar.store(read_set_cookie("AGAIN=2; Path=/"), HTTPS, NOW + 1000)
    assert len(jar) == MOST_OF_A_SITE
    jar.store(read_set_cookie("last=1; Path=/"), HTTPS, NOW + 1000)
    assert len(jar) == KEPT_OF_A_SITE
    assert jar.names()[:3] == ("TOKEN", "AGAIN", "n30")
    assert jar.names()[-1] == "last"


def test_expired_cookies_make_room_first() -> None:
    """As long as that is enough, nothing else goes."""
    jar = flooded("SID=1; Path=/", "brief=1; Path=/; Max-Age=1", count=MOST_OF_A_SITE - 1)
    assert len(jar) == MOST_OF_A_SITE
    assert jar.names()[:2] == ("SID", "n0")


def test_other_sites_keep_theirs() -> None:
    """The flood of one costs nobody else's cookies, not even on one public suffix."""
    jar = Jar()
    jar.store(read_set_cookie("other=1; Path=/"), "https://other.github.io/", NOW)
    for number in range(MOST_OF_A_SITE + 1):
        jar.store(read_set_cookie(f"n{number}=1; Path=/"), "https://shop.github.io/", NOW + 1)
    assert len(jar) == KEPT_OF_A_SITE + 1
    assert jar.names()[0] == "other"


def test_a_raw_jar_knows_no_sites() -> None:
    """The comparison shows what eviction costs."""
    jar = RawJar()
    for number in range(MOST_OF_A_SITE + 1):
        jar.store(read_set_cookie(f"n{number}=1"), HTTPS, NOW)
    assert len(jar) == MOST_OF_A_SITE + 1


def test_no_value_is_in_a_repr() -> None:
    """Jars and cookies end up in tracebacks."""
    jar = jar_with("SID=s3cret; Path=/")
    assert "s3cret" not in repr(jar) + repr(jar.all())


def test_the_raw_jar_keeps_what_a_browser_refuses() -> None:
    """Secure over HTTP, foreign domains, too large: the comparison shows what the rules cost."""
    jar = RawJar()
    for header in ("a=1; Secure", "b=2; Domain=else.example", "c=" + "3" * 5000, "d=4; SameSite=None"):
        assert jar.store(read_set_cookie(header), HTTP, NOW).stored
    assert header_for(jar, "http://else.example/", NOW + 1e9) == f"a=1; b=2; c={'3' * 5000}; d=4"


def test_the_raw_jar_has_one_value_a_name_and_obeys_deletions() -> None:
    """The newest value, wherever its path points; a deletion deletes by name."""
    jar = RawJar()
    jar.store(read_set_cookie("a=1; Path=/x"), HTTPS, NOW)
    jar.store(read_set_cookie("a=2; Path=/y; Max-Age=5"), HTTPS, NOW)
    assert header_for(jar, HTTPS, NOW + 60) == "a=2"
    assert jar.store(read_set_cookie("a=; Max-Age=0"), HTTPS, NOW).reason == refusals.EXPIRED
    assert isinstance(jar.without({"a"}), RawJar)
    assert header_for(jar, HTTPS, NOW) == ""


@pytest.mark.parametrize("header", ["a=\x00", "a=\r\nX: y", "", "="])
def test_the_raw_jar_holds_nothing_that_cannot_be_sent(header: str) -> None:
    """A line break would be a header of its own."""
    assert not RawJar().store(read_set_cookie(header), HTTPS, NOW).stored


POST = Retrieval(same_site=False, top_level=True, safe=False)
LINK = Retrieval(same_site=False, top_level=True, safe=True)
FRAME = Retrieval(same_site=False, top_level=False, safe=True)
SCRIPT = Retrieval(same_site=False, top_level=False, safe=False)
OWN_POST = Retrieval(same_site=True, top_level=False, safe=False)


@pytest.mark.parametrize(
    ("attributes", "retrieval", "age_s", "reason"),
    [
        ("SameSite=Strict", OWN_POST, 0, ""),
        ("SameSite=Strict", LINK, 0, refusals.STRICT_ACROSS_SITES),
        ("SameSite=Strict", POST, 0, refusals.STRICT_ACROSS_SITES),
        ("SameSite=Strict", FRAME, 0, refusals.STRICT_ACROSS_SITES),
        ("SameSite=Lax", OWN_POST, 0, ""),
        ("SameSite=Lax", LINK, 0, ""),
        ("SameSite=Lax", POST, 0, refusals.LAX_POST_ACROSS_SITES),
        ("SameSite=Lax", FRAME, 0, refusals.LAX_INSIDE_ANOTHER_SITE),
        ("SameSite=Lax", SCRIPT, 0, refusals.LAX_INSIDE_ANOTHER_SITE),
        ("", LINK, 0, ""),
        ("", POST, 0, ""),
        ("", POST, 120, ""),
        ("", POST, 120.1, refusals.DEFAULT_POST_ACROSS_SITES),
        ("", FRAME, 0, refusals.DEFAULT_INSIDE_ANOTHER_SITE),
        ("SameSite=bogus", FRAME, 0, refusals.DEFAULT_INSIDE_ANOTHER_SITE),
        ("SameSite=None", POST, 0, ""),
        ("SameSite=None", FRAME, 0, ""),
        ("SameSite=None", SCRIPT, 0, ""),
        ("SameSite=None; Partitioned", POST, 0, ""),
        ("SameSite=None; Partitioned", FRAME, 0, refusals.OTHER_PARTITION),
        ("SameSite=None; Partitioned", SCRIPT, 0, refusals.OTHER_PARTITION),
        ("SameSite=None; Partitioned", OWN_POST, 0, ""),
    ],
)
def test_what_comes_across_sites(attributes: str, retrieval: Retrieval, age_s: float, reason: str) -> None:
    """Section 5.8.3, step 3, with the two minutes of section 5.6.7.2; the jar and the reason agree."""
    jar = jar_with(f"a=b; Path=/; Secure; {attributes}")
    (cookie,) = jar.all()
    assert why_not_sent(cookie, HTTPS, HTTPS, NOW + age_s, retrieval) == reason
    assert header_for(jar, HTTPS, NOW + age_s, retrieval) == ("" if reason else "a=b")


def test_a_cookie_that_is_set_anew_does_not_grow_younger() -> None:
    """Section 5.7, step 23: its first two minutes are over."""
    jar = jar_with("a=1; Path=/; Secure")
    assert jar.store(read_set_cookie("a=2; Path=/; Secure"), HTTPS, NOW + 121).stored
    assert header_for(jar, HTTPS, NOW + 121, POST) == ""


@pytest.mark.parametrize(
    ("attributes", "retrieval", "reason"),
    [
        ("SameSite=Lax", POST, ""),
        ("SameSite=Strict", LINK, ""),
        ("SameSite=Lax", FRAME, refusals.SET_INSIDE_ANOTHER_SITE),
        ("", SCRIPT, refusals.SET_INSIDE_ANOTHER_SITE),
        ("SameSite=None", FRAME, ""),
    ],
)
def test_what_is_stored_across_sites(attributes: str, retrieval: Retrieval, reason: str) -> None:
    """Section 5.7, step 18: top-level navigations set everything, frames inside another site only SameSite=None."""
    assert Jar().store(read_set_cookie(f"a=b; Secure; {attributes}"), HTTPS, NOW, retrieval).reason == reason


def test_a_partitioned_cookie_is_one_of_its_own() -> None:
    """The partition is part of what a cookie is: it replaces no other."""
    jar = jar_with("a=1; Path=/; Secure", "a=2; Path=/; Secure; Partitioned")
    assert header_for(jar, HTTPS, NOW) == "a=1; a=2"


def test_the_raw_jar_sends_from_anywhere() -> None:
    """No rule of a browser holds for it."""
    jar = RawJar()
    assert jar.store(read_set_cookie("a=b; SameSite=Strict"), HTTPS, NOW, FRAME).stored
    assert header_for(jar, HTTPS, NOW, FRAME) == "a=b"


ATTRIBUTES = ["Path=/", "Secure", "Domain=", "Max-Age=", "SameSite=", "Expires=", "Partitioned", "HttpOnly"]
A_URL = st.text(max_size=40) | st.sampled_from([HTTP, HTTPS, "http://[::1", "http://localhost/a", "https://co.uk/"])
A_HEADER = st.text(max_size=60) | st.lists(
    st.sampled_from(["a=b", "__Host-a=b", "=", ";", ".", "co.uk", "None", "Lax", "9" * 400, "\x00", "é", *ATTRIBUTES])
    | st.text(max_size=4),
    max_size=12,
).map("".join)


@QUICK
@given(
    header=A_HEADER,
    urls=st.tuples(A_URL, A_URL),
    times=st.tuples(st.floats(0, 1e12), st.floats(0, 1e12)),
    retrieval=st.builds(Retrieval, st.booleans(), st.booleans(), st.booleans()),
)
def test_any_header_any_url_any_request(
    header: str, urls: tuple[str, str], times: tuple[float, float], retrieval: Retrieval
) -> None:
    """No exception; a jar holds at most what it was given, and says the same of a cookie in both ways."""
    jar = Jar()
    verdict = jar.store(read_set_cookie(header), urls[0], times[0], retrieval)
    assert len(jar) == int(verdict.stored)
    for cookie in jar.all():
        assert len(cookie.pair) <= len(header)
        why = why_not_sent(cookie, urls[0], urls[1], times[1], retrieval)
        assert (cookie.pair == header_for(jar, urls[1], times[1], retrieval)) is not bool(why)
        assert len(why) < 500


@QUICK
@given(
    headers=st.lists(
        st.text(max_size=30) | st.from_regex(r"[ab]=[cd](; (Path=/|Secure|Domain=|Max-Age=)\w?)*"), max_size=4
    ),
    url=st.text(max_size=20) | st.sampled_from([HTTP, HTTPS, "http://[::1", "http://localhost/a"]),
    to=st.sampled_from([HTTP, HTTPS, "http://[::1", "x", "https://localhost"]),
)
def test_nothing_is_an_error_and_what_is_sent_was_stored(headers: list[str], url: str, to: str) -> None:
    """Both jars, any header, any URL; a browser never sends more than the raw client does."""
    jar, raw = Jar(), RawJar()
    for header in headers:
        verdict = jar.store(read_set_cookie(header), url, NOW)
        raw.store(read_set_cookie(header), url, NOW)
        assert verdict.stored != bool(verdict.reason)
    assert {cookie.name for cookie in jar.cookies_for(to, NOW)} <= set(jar.names())
    assert all(not why_not_sent(cookie, url, to, NOW) for cookie in jar.cookies_for(to, NOW))
    assert "\n" not in header_for(raw, to, NOW)
