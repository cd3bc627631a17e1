from __future__ import annotations

import base64
import hashlib
import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats.session_cookie import (
    SessionFormat,
    base_id,
    data_protection_key_id,
    is_csrf_name,
    issued_at,
    recognise_session,
    route_of,
    store_ids,
)
from tests.formats import producers

QUICK = settings(max_examples=150, deadline=None)
HEX32 = "8E3AE96B2C1F4C7D9B0A1E5F6D7C8B9A"
SID = "GJvSs1Wq0yk8i4cWfMlYHn3LzPZ0aQ7u"
UUID = "1f0c8b1e-6b0a-4d3a-9a44-7d3c1a1b2c3d"
UNDERTOW = "y7dWMWQDTkksvny4pRKJoOR-jH5YPpcmAZxk4TZv"
WEBLOGIC_ID = "K7hTvTfQp1Y2Zc3nWg9LxJ4RbM5s8D6vQk0Fz1Hy2Tt3Uu4Ww5X6"
WEBLOGIC = f"{WEBLOGIC_ID}!-1234567890!987654321!1700000000000"
WEBSPHERE = "0000A2MB4IJozU_VM8IffsMNfdR:v544d0o0"
JETTY = "node01b5qcg2u3yz4t1wq7k0b9mdjx3e12"
TOKEN43 = "Zb1kq0uI1hW2n8o4Yv6s9dXcLrTgPmAeFjQwKyUiOs4"
RAILS = "aGVsbG8gd29ybGQ=--MTIzNDU2Nzg5MDEy--MTIzNDU2Nzg5MDEyMzQ1Ng=="
RAILS_OLD = "BAh7B0kiD3Nlc3Npb25faWQGOgZFVA==--" + "0a" * 20
WORDPRESS = f"root|1800000000|{TOKEN43}|" + "0a" * 32
TORNADO = "2|1:0|10:1800000000|8:username|12:eyJhIjoxfQ==|" + "0a" * 32
DIGEST27 = "N8eYyqxN0D2zX4dJfPp2o3uVw9s"
DOTNET_SESSION = producers.protected(36, url_safe=False)
DOTNET_LOGIN = producers.protected(700, url_safe=True)

# name, value, product, stack, flags (`h` holds the state, `s` is signed), certain
TABLE = [
    ("JSESSIONID", HEX32, "tomcat", "tomcat", "", True),
    ("JSESSIONID", f"{HEX32}.app1", "tomcat", "tomcat", "", True),
    ("JSESSIONID", f"app1~{HEX32}", "tomcat", "tomcat", "", True),
    ("JSESSIONID", f"{HEX32}-n1.app1", "tomcat", "tomcat", "", True),
    ("SHOPSESSION", f"{HEX32}.app1", "tomcat", "tomcat", "", False),
    ("JSESSIONID", f"{UNDERTOW}.dc_app1_02", "undertow", "wildfly", "", True),
    ("JSESSIONID", UNDERTOW, "undertow", "wildfly", "", True),
    ("JSESSIONID", "NsQwlZxkTZ+-vny4pRKJoORj.web-1", "undertow", "wildfly", "", True),
    ("JSESSIONID", WEBSPHERE, "websphere", "websphere", "", True),
    ("JSESSIONID", "0000P-ep34ciOrPvp1ymnR48y_E:-1", "websphere", "websphere", "", True),
    ("LtpaToken2", "aB3+" * 40, "websphere", "websphere", "hs", True),
    ("JSESSIONID", WEBLOGIC, "weblogic", "weblogic", "", True),
    ("JSESSIONID", WEBLOGIC_ID + "!1717", "weblogic", "weblogic", "", True),
    ("SHOP", WEBLOGIC.replace("987654321", "NONE"), "weblogic", "weblogic", "", False),
    ("JSESSIONID", JETTY, "jetty", "jetty", "", True),
    ("JSESSIONID", f"{JETTY}.node0", "jetty", "jetty", "", True),
    ("JSESSIONID", "app1b5qcg2u3yz4t1wq7k0b9mdjx3e12.app", "jetty", "jetty", "", True),
    ("JSESSIONID", UUID, "unknown", "other", "", False),
    ("SESSION", producers.spring(), "spring-session", "spring", "", True),
    ("SESSION", producers.spring("app1"), "spring-session", "spring", "", True),
    ("SESSION", UUID, "spring-session", "spring", "", True),
    ("ID", producers.spring(), "spring-session", "spring", "", False),
    ("connect.sid", quote(producers.express(SID), safe=""), "express-session", "express", "s", True),
    ("connect.sid", producers.express(UUID), "express-session", "express", "s", True),
    ("shop", producers.express(SID), "express-session", "express", "s", False),
    ("session", base64.b64encode(b'{"views":1}').decode(), "cookie-session", "express", "hs", True),
    ("koa.sess", base64.b64encode(b'{"views":1,"a":2}').decode(), "cookie-session", "express", "hs", True),
    ("session", producers.flask_cookie(), "flask", "flask", "hs", True),
    ("session", producers.flask_cookie(3000), "flask", "flask", "hs", True),
    ("shop", producers.flask_cookie(), "flask", "flask", "hs", False),
    ("session", TOKEN43, "flask-session", "flask", "", True),
    ("session", f"{TOKEN43}.{DIGEST27}", "flask-session", "flask", "s", True),
    ("session", f"{UUID}.{DIGEST27}", "flask-session", "flask", "s", True),
    ("session", UUID, "flask-session", "flask", "", True),
    ("sessionid", "q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6", "django", "django", "", True),
    ("sessionid", producers.django_signed(".eJxVjMs", 1_800_000_000), "django-signed", "django", "hs", True),
    ("shop_session", producers.django_signed("eyJhIjoxfQ", 1_800_000_000), "django-signed", "django", "hs", False),
    ("_shop_session", quote(RAILS, safe=""), "rails", "rails", "hs", True),
    ("Redmine", quote("aGVs" * 20 + RAILS_OLD, safe=""), "rails", "rails", "hs", False),
    ("Redmine", quote("aGVs" * 20 + RAILS, safe=""), "rails", "rails", "hs", False),
    ("_shop_session", RAILS_OLD, "rails", "rails", "hs", True),
    ("rack.session", RAILS_OLD, "rails", "rails", "hs", True),
    ("rack.session", producers.unpadded(b"\x01" + bytes(range(90))), "rails", "rails", "hs", True),
    ("_session_id", HEX32.lower(), "rails-server-side", "rails", "", True),
    ("_shop_session", HEX32.lower(), "rails-server-side", "rails", "", True),
    ("rack.session", HEX32.lower() * 2, "rails-server-side", "rails", "", True),
    ("laravel_session", producers.laravel(), "laravel", "laravel", "s", True),
    ("shop-session", producers.laravel(), "laravel", "laravel", "s", True),
    ("shop_sid", producers.laravel(), "laravel", "laravel", "s", False),
    ("PHPSESSID", "7b9v0q2m4k6j8h1g3f5d7s9a0p", "php", "php", "", True),
    ("PHPSESSID", HEX32.lower(), "php", "php", "", True),
    ("PHPSESSID", "short", "php", "php", "", False),
    (".AspNetCore.Session", quote(DOTNET_SESSION, safe=""), "aspnetcore-session", "aspnetcore", "s", True),
    (".Shop.Session", DOTNET_SESSION, "aspnetcore-session", "aspnetcore", "s", False),
    (".AspNetCore.Cookies", DOTNET_LOGIN, "aspnetcore-auth", "aspnetcore", "hs", True),
    (".AspNetCore.Identity.Application", "chunks-2", "aspnetcore-auth", "aspnetcore", "hs", True),
    (".AspNetCore.Identity.ApplicationC2", "x" * 90, "aspnetcore-auth", "aspnetcore", "hs", False),
    ("shop.login", DOTNET_LOGIN, "aspnetcore-auth", "aspnetcore", "hs", False),
    (f"wordpress_logged_in_{HEX32.lower()}", quote(WORDPRESS, safe=""), "wordpress", "php", "hs", True),
    (f"wordpress_sec_{HEX32.lower()}", WORDPRESS, "wordpress", "php", "hs", True),
    ("username-shop-8888", f'"{TORNADO}"', "tornado", "other", "hs", True),
    ("ASP.NET_SessionId", "abcdefghijkl012345mnopqr", "aspnet", "aspnet", "", True),
    (".ASPXAUTH", "0A" * 90, "aspnet", "aspnet", "hs", True),
    (".AspNet.ApplicationCookie", "x-Y_" * 30, "aspnet", "aspnet", "hs", True),
    ("CFID", "12345", "coldfusion", "coldfusion", "", True),
    ("CFTOKEN", "b5b4e0c0f7f9d8a-2B5C0F3E-1422-0F3E-99A6B4D8E7F20C11", "coldfusion", "coldfusion", "", True),
    ("hazelcast.sessionId", "HZ" + HEX32, "hazelcast", "hazelcast", "", True),
    ("access_token", producers.jwt(), "jwt", "other", "hs", True),
    ("bearer", producers.jwt(), "jwt", "other", "hs", False),
    ("sid", "abc", "unknown", "other", "", False),
    ("MYAPPSID", "abc", "unknown", "other", "", False),
    ("auth", "abc", "unknown", "other", "", False),
    ("__Host-connect.sid", producers.express(SID), "express-session", "express", "s", True),
    ("__Secure-session", producers.flask_cookie(), "flask", "flask", "hs", True),
]


@pytest.mark.parametrize(("name", "value", "product", "stack", "flags", "certain"), TABLE)
def test_every_framework_is_recognised(
    name: str, value: str, product: str, stack: str, flags: str, *, certain: bool
) -> None:
    """Default names and shapes, renamed cookies by shape, and names alone; `h` holds the state, `s` is signed."""
    expected = SessionFormat(product, stack, "h" in flags, "s" in flags, certain)
    assert recognise_session(name, value) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("csrftoken", "a" * 32),
        ("XSRF-TOKEN", producers.laravel()),
        ("_csrf", "abc"),
        (".AspNetCore.Antiforgery.VyLW6ORzMgk", DOTNET_LOGIN),
        (".AspNetCore.Correlation.oidc.abc", "N"),
        (".AspNetCore.OpenIdConnect.Nonce.CfDJ8", DOTNET_LOGIN),
        (".AspNetCore.Mvc.CookieTempDataProvider", DOTNET_LOGIN),
        ("__RequestVerificationToken", "x" * 90),
        ("session.sig", DIGEST27),
        ("AWSALB", "abc" * 40),
        ("heroku-session-affinity", "abc"),
        ("X-Contour-Session-Affinity", "abc"),
        ("incap_ses_123_456", "abc"),
        ("INGRESSCOOKIE", HEX32.lower()),
        ("theme", "dark"),
        ("sidebar", "open"),
        ("inside_banner", "7"),
        ("author", "ada"),
        ("session_seen", "true"),
        ("locale", producers.laravel()),
        ("messages", producers.django_signed(".eJxVjMs", 1_800_000_000)),
        ("connect.sid", ""),
        ("", ""),
        ("", "abc"),
    ],
)
def test_other_cookies_are_not_taken_for_sessions(name: str, value: str) -> None:
    """CSRF tokens, signatures, affinity cookies, other uses of one encryption, and words that merely look alike."""
    assert recognise_session(name, value) is None
    assert store_ids(name, value) == ()


@pytest.mark.parametrize(
    ("name", "value", "base", "route"),
    [
        ("JSESSIONID", f"{HEX32}.app1", HEX32, "app1"),
        ("JSESSIONID", f"{HEX32}.B.app2", HEX32, "B.app2"),
        ("JSESSIONID", f"{HEX32}-n1.app1", HEX32, "app1"),
        ("JSESSIONID", HEX32, HEX32, ""),
        ("JSESSIONID", f"app1~{HEX32}", HEX32, "app1"),
        ("JSESSIONID", f"app1~{HEX32}.tc2", HEX32, "app1"),
        ("JSESSIONID", "abc123.app1", "abc123", "app1"),
        ("__Host-JSESSIONID", "abc123.app1", "abc123", "app1"),
        ("JSESSIONID", f"{UNDERTOW}.dc_app1_02", UNDERTOW, "dc_app1_02"),
        ("JSESSIONID", f"{JETTY}.node0", JETTY, "node0"),
        ("JSESSIONID", WEBLOGIC, WEBLOGIC_ID, "-1234567890"),
        ("JSESSIONID", WEBSPHERE, "A2MB4IJozU_VM8IffsMNfdR", "v544d0o0"),
        ("JSESSIONID", "0003A2MB4IJozU_VM8IffsMNfdR:v1:v2", "A2MB4IJozU_VM8IffsMNfdR", "v1"),
        ("JSESSIONID", "0000P-ep34ciOrPvp1ymnR48y_E:-1", "P-ep34ciOrPvp1ymnR48y_E", ""),
        ("SESSION", producers.spring("app1"), UUID, "app1"),
        ("SESSION", producers.spring(), UUID, ""),
        ("SESSION", UUID, UUID, ""),
        ("connect.sid", quote(producers.express(SID), safe=""), SID, ""),
        ("connect.sid", producers.express("a.b"), "a.b", ""),
        ("session", f"{TOKEN43}.{DIGEST27}", TOKEN43, ""),
        ("PHPSESSID", "7b9v0q2m4k6j8h1g3f5d7s9a0p", "7b9v0q2m4k6j8h1g3f5d7s9a0p", ""),
        ("PHPSESSID", "s1~7b9v0q2m4k6j8h1g3f5d7s9a0p", "7b9v0q2m4k6j8h1g3f5d7s9a0p", "s1"),
        ("theme", "dark.blue", "dark.blue", ""),
    ],
)
def test_id_and_route_are_told_apart(name: str, value: str, base: str, route: str) -> None:
    """The same session on another route has the same base; only the first dot divides."""
    assert (base_id(name, value), route_of(name, value)) == (base, route)
    assert base_id(name, base) == base


@pytest.mark.parametrize(
    ("name", "value", "ids"),
    [
        ("connect.sid", quote(producers.express(SID), safe=""), (SID,)),
        ("SESSION", producers.spring("app1"), (UUID,)),
        ("JSESSIONID", HEX32, (HEX32,)),
        ("JSESSIONID", f"{HEX32}.app1", (HEX32, f"{HEX32}.app1")),
        ("JSESSIONID", f"{HEX32}-n1.app1", (HEX32, f"{HEX32}-n1", f"{HEX32}-n1.app1")),
        ("PHPSESSID", "7b9v0q2m4k6j8h1g3f5d7s9a0p", ("7b9v0q2m4k6j8h1g3f5d7s9a0p",)),
        ("session", TOKEN43, (TOKEN43,)),
        ("session", f"{TOKEN43}.{DIGEST27}", (TOKEN43,)),
        ("sessionid", "a1" * 16, ("a1" * 16,)),
        ("_session_id", "0a" * 16, ("2::" + hashlib.sha256(b"0a" * 16).hexdigest(),)),
        ("ASP.NET_SessionId", "abcdefghijkl012345mnopqr", ("abcdefghijkl012345mnopqr",)),
        ("JSESSIONID", WEBSPHERE, ("A2MB4IJozU_VM8IffsMNfdR",)),
        ("sid", "abc%20d", ("abc d",)),
        (".AspNetCore.Session", DOTNET_SESSION, ()),
        (".ASPXAUTH", "0A" * 90, ()),
        ("session", producers.flask_cookie(), ()),
        ("_shop_session", RAILS, ()),
        ("laravel_session", producers.laravel(), ()),
        ("LtpaToken2", "aB3+" * 40, ()),
        ("access_token", producers.jwt(), ()),
    ],
)
def test_what_stands_in_store_keys(name: str, value: str, ids: tuple[str, ...]) -> None:
    """The id as the framework writes it; nothing where it is encrypted or there is no store."""
    assert store_ids(name, value) == ids


def test_flask_says_when_a_cookie_was_signed() -> None:
    """By the clock of the node; from a real Flask response, plain and compressed."""
    before = int(time.time())
    for cookie in (producers.flask_cookie(), producers.flask_cookie(3000)):
        issued = issued_at("session", cookie)
        assert issued is not None
        assert before <= issued <= time.time()


@pytest.mark.parametrize("issued", [1_000_000_000, 1_800_000_000, 2_000_000_001])
def test_django_says_when_a_cookie_was_signed(issued: int) -> None:
    """Base 62 between the colons."""
    assert issued_at("sessionid", producers.django_signed("eyJhIjoxfQ", issued)) == issued


@pytest.mark.parametrize(
    ("name", "value"),
    [("connect.sid", producers.express(SID)), ("x", "y"), ("session", TOKEN43), ("SRV", "app1|awD/Y|awD/Y")],
)
def test_other_cookies_have_no_date(name: str, value: str) -> None:
    """None, not a guess."""
    assert issued_at(name, value) is None


def test_data_protection_key_id_of_the_documentation() -> None:
    """The sample of Microsoft's authenticated-encryption-details, cut after the key id."""
    sample = bytes.fromhex("09F0C9F0 809C810C 19661940 953653F8 AAFFEE57")
    text = producers.unpadded(sample + b"\xdc")
    assert text.startswith("CfDJ8ICcgQwZZhlAlTZT-Kr_7l")
    assert data_protection_key_id(text) == "0c819c80-6619-4019-9536-53f8aaffee57"


@pytest.mark.parametrize(
    "value",
    [
        DOTNET_LOGIN,
        DOTNET_SESSION,
        quote(DOTNET_SESSION, safe=""),
        DOTNET_LOGIN[:27],
        f"{DOTNET_LOGIN}==",
        f'"{DOTNET_LOGIN}"',
    ],
)
def test_data_protection_key_id_of_both_alphabets(value: str) -> None:
    """Base64url, base64, percent-encoded, cut short behind the id."""
    assert data_protection_key_id(value) == str(producers.RING_KEY)


@pytest.mark.parametrize(
    "value", ["", "CfDJ8", DOTNET_LOGIN[:26], "chunks-2", "CfDJ9" + DOTNET_LOGIN[5:], "C f" + DOTNET_LOGIN, "é" * 60]
)
def test_what_is_not_protected_has_no_key_id(value: str) -> None:
    """Too short, another magic, no base64."""
    assert data_protection_key_id(value) is None


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("csrftoken", True),
        ("XSRF-TOKEN", True),
        ("_csrf", True),
        ("__RequestVerificationToken_L2FwcA2", True),
        (".AspNetCore.Antiforgery.x", True),
        ("session", False),
        ("access_token", False),
        ("", False),
    ],
)
def test_csrf_names(name: str, *, is_one: bool) -> None:
    """Of the frameworks in the table."""
    assert is_csrf_name(name) is is_one


HOSTILE_NAMES = st.text(max_size=12) | st.sampled_from([row[0] for row in TABLE])
HOSTILE_VALUES = (
    st.text(max_size=80)
    | st.sampled_from([row[1] for row in TABLE]).flatmap(
        lambda value: st.integers(0, len(value)).map(lambda n: value[n:])
    )
    | st.tuples(st.text(max_size=3), st.sampled_from([row[1] for row in TABLE])).map("".join)
)


@QUICK
@given(name=HOSTILE_NAMES, value=HOSTILE_VALUES)
def test_nothing_is_an_error(name: str, value: str) -> None:
    """Arbitrary text, and pieces of real cookies under every name."""
    found = recognise_session(name, value)
    assert found is None or found.stack
    assert all(store_ids(name, value)) or found is None
    assert route_of(name, value) != value or not value
    assert isinstance(base_id(name, value), str)
    assert (issued_at(name, value) or 0.0) >= 0.0
    key_id = data_protection_key_id(value)
    assert key_id is None or len(key_id) == 36


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "value", ["a.b" * 20_000, "s:" + "." * 60_000, "-" * 60_000, "node0" + "a" * 60_000, "A~" * 30_000]
)
def test_long_values_take_no_longer_than_their_length(value: str) -> None:
    """No pattern goes back and forth over its input."""
    for name in ("JSESSIONID", "session", "_shop_session", value):
        found = recognise_session(name, value)
        assert found is None or found.product
        assert len(route_of(name, value)) < len(value)
