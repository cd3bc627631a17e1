from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats import refusals
from sessiondoctor.formats.set_cookie import SetCookie, lifetime_s, read_set_cookie

QUICK = settings(max_examples=100, deadline=None)
NOW = 1_800_000_000.0
DAY = 86400.0


def parsed(header: str) -> SetCookie:
    """A header that a browser does not ignore."""
    cookie = read_set_cookie(header)
    assert not cookie.ignored
    return cookie


@pytest.mark.parametrize(
    ("header", "name", "value"),
    [
        ("SID=31d4", "SID", "31d4"),
        ("SID=31d4; Path=/", "SID", "31d4"),
        ("  SID \t=\t 31d4  ; Secure", "SID", "31d4"),
        ("a=b=c==", "a", "b=c=="),
        ('a="b; c"', "a", '"b'),
        ("a=", "a", ""),
        ("=b", "", "b"),
        ("b", "", "b"),
        ("b; Secure", "", "b"),
        ("a b=c d", "a b", "c d"),
        ("a=%3B%20", "a", "%3B%20"),
        ("a=\tb\tc", "a", "b\tc"),
        ("a=é", "a", "é"),
    ],
)
def test_name_and_value(header: str, name: str, value: str) -> None:
    """Section 5.6, steps 2 to 4: split at the first `;` and `=`, strip white space, decode nothing."""
    cookie = parsed(header)
    assert (cookie.name, cookie.value) == (name, value)


@pytest.mark.parametrize("header", ["", "=", " ; Secure", ";", " = ; Path=/", "\t"])
def test_nothing_at_all_is_ignored(header: str) -> None:
    """Section 5.7, step 2."""
    assert read_set_cookie(header).ignored == refusals.EMPTY


@pytest.mark.parametrize("code", [*range(0x09), *range(0x0A, 0x20), 0x7F])
def test_a_control_character_anywhere_ignores_the_header(code: int) -> None:
    """Section 5.6, step 1; also in an attribute."""
    for header in (f"a{chr(code)}=b", f"a=b{chr(code)}c", f"a=b; Path=/{chr(code)}"):
        assert read_set_cookie(header).ignored == refusals.CONTROL_CHARACTERS


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("a=" + "b" * 4095, ""),
        ("a=" + "b" * 4096, refusals.TOO_LARGE),
        ("a" * 4096 + "=", ""),
        ("a=" + "é" * 4095, ""),
        ("a=" + "€" * 1366, refusals.TOO_LARGE),
        ("a=b; Path=/" + "c" * 9000, ""),
    ],
)
def test_4096_octets_of_name_and_value_are_the_limit(header: str, reason: str) -> None:
    """Section 5.6, step 5: octets, not characters, and attributes do not count."""
    assert read_set_cookie(header).ignored == reason


def test_a_cookie_that_is_too_large_can_still_be_read() -> None:
    """The report wants to say how large."""
    assert read_set_cookie("a=" + "b" * 5000).size == 5001


@pytest.mark.parametrize(
    ("attributes", "field", "expected"),
    [
        ("", "path", ""),
        ("Path=/app", "path", "/app"),
        ("PATH = /app ", "path", "/app"),
        ("Path=/a; Path=/b", "path", "/b"),
        ("Path=/a; Path=b", "path", ""),
        ("Path=/a; Path", "path", ""),
        ("Path=/a; Path=/" + "b" * 1024, "path", "/a"),
        ("Path=/" + "b" * 1023, "path", "/" + "b" * 1023),
        ('Path="/a"', "path", ""),
        ("Domain=.Shop.Example", "domain", "shop.example"),
        ("Domain=..shop.example", "domain", ".shop.example"),
        ("Domain=a.example; Domain=", "domain", ""),
        ("Domain=a.example; Domain=b.example", "domain", "b.example"),
        ("Domain=a.example; Domain=" + "b" * 1025, "domain", "a.example"),
        ("Secure", "secure", True),
        ("secure=false", "secure", True),
        ("Secure2", "secure", False),
        ("HttpOnly", "http_only", True),
        ("HTTPONLY;", "http_only", True),
        ("Partitioned", "partitioned", True),
        ("SameSite=Strict", "same_site", "strict"),
        ("samesite = LAX", "same_site", "lax"),
        ("SameSite=None", "same_site", "none"),
        ("SameSite=Strict; SameSite=bogus", "same_site", ""),
        ("SameSite", "same_site", ""),
        ("Max-Age=60", "max_age_s", 60),
        ("Max-Age=-1", "max_age_s", -1),
        ("max-age=0060", "max_age_s", 60),
        ("Max-Age=60; Max-Age=5", "max_age_s", 5),
        ("Max-Age=60; Max-Age=x", "max_age_s", 60),
        ("Max-Age=", "max_age_s", None),
        ("Max-Age=+60", "max_age_s", None),
        ("Max-Age=-", "max_age_s", None),
        ("Max-Age=6e3", "max_age_s", None),
        ("Max-Age=2.63", "max_age_s", None),
        ("Max-Age=٦", "max_age_s", None),
        ("Max-Age=" + "9" * 1000, "max_age_s", 2**53),
        ("Expires=Wed, 01 Jan 2031 00:00:00 GMT", "expires", 1924992000.0),
        ("Expires=Wed, 01 Jan 2031 00:00:00 GMT; Expires=never", "expires", 1924992000.0),
        ("Expires=0", "expires", None),
    ],
)
def test_attributes(attributes: str, field: str, expected: Any) -> None:
    """Section 5.6: names in any case, the last valid one wins, values over 1024 octets do not count."""
    assert getattr(parsed(f"a=b; {attributes}"), field) == expected


def test_unknown_attributes_change_nothing() -> None:
    """Version, Priority, Comment and nonsense."""
    assert parsed("a=b; Version=1; Priority=High; ;; =; Comment") == SetCookie("a", "b")


@pytest.mark.parametrize(
    ("attributes", "seconds"),
    [
        ("", None),
        ("Max-Age=60", 60.0),
        ("Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 60.0),
        ("Max-Age=0; Expires=Wed, 01 Jan 2031 00:00:00 GMT", 0.0),
        ("Max-Age=-5", -5.0),
        ("Expires=Fri, 15 Jan 2027 08:01:00 GMT", 60.0),
        ("Expires=Fri, 15 Jan 2027 07:59:00 GMT", -60.0),
        ("Max-Age=99999999", 400 * DAY),
        ("Expires=Fri, 31 Dec 9999 23:59:59 GMT", 400 * DAY),
        ("Max-Age=" + "9" * 1000, 400 * DAY),
    ],
)
def test_lifetime(attributes: str, seconds: float | None) -> None:
    """Max-Age before Expires, at most 400 days (section 5.5)."""
    assert lifetime_s(parsed(f"a=b; {attributes}"), NOW) == seconds


def test_a_value_is_not_in_the_repr() -> None:
    """Cookies end up in tracebacks."""
    assert "s3cret" not in repr(parsed("SID=s3cret; Path=/"))


@QUICK
@given(
    header=st.text()
    | st.lists(st.sampled_from(["a", "=", ";", " ", "Max-Age=", "Expires=", "9" * 700, "\x00", "Path=/", "é"])).map(
        "".join
    )
)
def test_no_header_is_an_error(header: str) -> None:
    """Read leniently or not, and what is kept obeys the rules."""
    cookie = read_set_cookie(header)
    if not cookie.ignored:
        assert cookie.size <= 4096
        assert (lifetime_s(cookie, NOW) or 0.0) <= 400 * DAY
