from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats import sealed
from sessiondoctor.formats.signature import needs_library, verifies
from tests.formats import producers

QUICK = settings(max_examples=150, deadline=None)
# Variables of an environment, as Python shows octets that are no UTF-8.
ENVIRONMENT = st.binary(max_size=50).map(lambda data: data.decode("utf-8", "surrogateescape"))
SECRET = "keyboard cat"
SID = "GJvSs1Wq0yk8i4cWfMlYHn3LzPZ0aQ7u"
# Made by cookie-signature 1.0.7 and cookie-session 2.1.1 on Node 20.
EXPRESS = "s:GJvSs1Wq0yk8i4cWfMlYHn3LzPZ0aQ7u.T6745myaFwBttjZnTrFWLJa3mTKGBdYdpAI7IM0KvTo"
COOKIE_SESSION = ("eyJjYXJ0IjpbImJvb2siXX0=", "0cPjs7nCMxK3UCFmQDKi5_YgfC0")


def flask_session(secret: str) -> str:
    """What Flask-Session with SESSION_USE_SIGNER does to an id."""
    from itsdangerous import Signer

    signer = Signer(secret, salt="flask-session", key_derivation="hmac")
    return signer.sign(b"Zb1kq0uI1hW2n8o4Yv6s9dXcLrTgPmAeFjQwKyUiOs4").decode()


def django(secret: str) -> str:
    """Django's own signer, as its signed_cookies backend uses it."""
    from django.core import signing

    salt = "django.contrib.sessions.backends.signed_cookies"
    signer = signing.TimestampSigner(key=secret, salt=salt, fallback_keys=())
    return str(signer.sign_object({"cart": ["book"]}, compress=True))


def laravel(key: bytes, **changes: Any) -> str:
    """Laravel's Encrypter with AES-256-CBC: a MAC over iv and value."""
    iv, value = (base64.b64encode(data).decode() for data in (b"0123456789abcdef", b"ciphertext" * 4))
    mac = hmac.new(key, (iv + value).encode(), hashlib.sha256).hexdigest()
    document = {"iv": iv, "value": value, "mac": mac, "tag": ""} | changes
    return base64.b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()


def rails(secret: str) -> str:
    """ActiveSupport::MessageVerifier around a message, with the key that Rails 4 to 5.1 derives for sessions."""
    data = base64.b64encode(b"encrypted--iv").decode()
    key = hashlib.pbkdf2_hmac("sha1", secret.encode(), b"signed encrypted cookie", 1000, 64)
    return f"{data}--{hmac.new(key, data.encode(), 'sha1').hexdigest()}"


# Made by Action Pack 6.1.7.10 (EncryptedKeyRotatingCookieJar) on Ruby 3.1: as it is, and with keys derived by
# SHA-256 as Active Support 7.0 does.
RAILS_BASE = "f1e2d3c4b5a697887766554433221100ffeeddccbbaa99887766554433221100"
RAILS_SHA1 = (
    "ZXd29kqbyr7g7VmyuG%2FkBSRYkjbIu3a8KEjB30MP6%2BsySO3G8KO32qmT7Y74mV9IpSTwHxM9O0vD9otbGH6cl7b4lAFDAGW%2BG%2FcGp6RD"
    "CJcsF0wyr%2Fc9UscmnY4JmMCpkgZqKLAukQcxyS8IPR8L0YMxM2RaumaX01l6aELA2GfbYB2w1gW1dJDjzgaQrSBOCJWhTKcP55ua--zwiLPt4k"
    "ppG3HRb2--6SmL3jvifG8tKYR4Zo0pGg%3D%3D"
)
RAILS_SHA256 = (
    "pzyYKcFJ%2BDNWXj%2FbhvX4I6D0%2FStEKe8C0cDTr%2Fb8pqKx0OwdwQ%2FtFoeUfQwY2guS0JfyJUAXTbIz5N%2BdiXVdcZOucm%2BOY6qrXg"
    "0XkS%2F94%2BUK6FNv9QuPyvDieKTpPdCpxAt2QFGg99PSnK6JhgVYUW7o5SNsG8sT8Cr%2FyguzhiWOrNc7d8ckJCf4P4jE5l4coT8r1DSdeQ0H"
    "--HimKK5owJ8snfSHZ--gdkMh7x6PPmiuK%2F4jwGVqg%3D%3D"
)
# Made by Illuminate\Encryption\Encrypter 8.83.26 on PHP 8.2, with the prefix that EncryptCookies gives a session id.
LARAVEL_KEY = "base64:USc4FhsqeRPl5cC62d44tAtrykkO9nbPuqGTHnW4c+M="
LARAVEL_KEY_128 = "base64:USc4FhsqeRPl5cC62d44tA=="
LARAVEL_CBC = (
    "eyJpdiI6IjVQNlA3Rk1rZU5NNUU0YkZjOTYvRGc9PSIsInZhbHVlIjoiTTVmd2FSZWtuMnVDanZZbW1wVmFxQ1VPSUVJYVEyc0pxeWVBSnVPYTI5"
    "cDVKWDBSNHVtbDJLZERIYmMzVURqRmJrN0lQOFY2MzJCTlA3YTlSOWc2bHRZdXpLSVgzTkYyKzNIeENmTFdSdWNrUjBNdENodE81STQ5UVMwLzlT"
    "SjgiLCJtYWMiOiJkNDQzN2YzOGQzNWIwYWYzOTYyYmMzYzFiOGRjYjcwMTZhMWJiYWJjZGM0ZDA3ODllMGIwMDQ0MzBlY2MyZDgxIiwidGFnIjoi"
    "In0%3D"
)
LARAVEL_GCM = (
    "eyJpdiI6ImZMblY4VmpQeDZUczMxOHoiLCJ2YWx1ZSI6InRsUEt0dDFzOG44UzJ2ejJUSFN0U3A0STA3cVZDdGpHYUttZHJERlVOaUNjUGZDOE8v"
    "VG9aRklNeFBFMkFDTTlNU2UxeUxzWWplb2FUQVFWMk9aTGpHUjY3TUhYU1V3RkQ2Y3c0Mkl6d3I2ciIsIm1hYyI6IiIsInRhZyI6Ill1UnNHczJw"
    "Y25yRzBKUU95WWhGNlE9PSJ9"
)
LARAVEL_GCM_128 = (
    "eyJpdiI6IkV1V1k3Vi9GcGlHL1puZm4iLCJ2YWx1ZSI6InFEa2RTUFNkQkQwY1dLZkZ6Zk5qZWtLMmVINXRuWXNJRXBybHcrems4cUlLVi81ZlVE"
    "a0x1UT09IiwibWFjIjoiIiwidGFnIjoiclYzM2l2a0xZaXVEVW01TitYWHYvUT09In0%3D"
)
APP_KEY = bytes(range(32))
SEALED: list[tuple[str, str, str, dict[str, str]]] = [
    ("_shop_session", RAILS_SHA1, RAILS_BASE, {}),
    ("_shop_session", RAILS_SHA256, RAILS_BASE, {}),
    ("laravel_session", LARAVEL_GCM, LARAVEL_KEY, {}),
    ("shop-session", LARAVEL_GCM_128, LARAVEL_KEY_128, {}),
]
SIGNED = [
    ("connect.sid", EXPRESS, SECRET, {}),
    ("connect.sid", EXPRESS.replace(":", "%3A"), SECRET, {}),
    ("connect.sid", "app1~" + EXPRESS, SECRET, {}),
    ("session", COOKIE_SESSION[0], SECRET, {"session.sig": COOKIE_SESSION[1]}),
    ("session", producers.flask_cookie(), "insecure", {}),
    ("session", producers.flask_cookie(3000), "insecure", {}),
    ("session", flask_session("s3cret"), "s3cret", {}),
    ("sessionid", django("s3cret"), "s3cret", {}),
    ("sessionid", producers.django_signed(".eJxVjMs", 1_800_000_000), "insecure", {}),
    ("laravel_session", laravel(APP_KEY), "base64:" + base64.b64encode(APP_KEY).decode(), {}),
    ("laravel_session", LARAVEL_CBC, LARAVEL_KEY, {}),
    ("_shop_session", rails("base"), "base", {}),
    ("token", producers.jwt(), "insecure", {}),
    *SEALED,
]


@pytest.mark.parametrize(("name", "value", "secret", "companions"), SIGNED)
def test_the_right_secret_verifies_and_no_other(name: str, value: str, secret: str, companions: dict[str, str]) -> None:
    """Of each producer; with one octet of the signature changed, not even the right one."""
    assert verifies(secret, name, value, companions) is True
    other = "base64:" + base64.b64encode(bytes(32)).decode() if secret.startswith("base64:") else secret + "x"
    assert verifies(other, name, value, companions) is False


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PHPSESSID", "q1w2e3r4t5y6u7i8o9p0a1s2d3"),
        ("sessionid", "q1w2e3r4t5y6u7i8o9p0a1s2d3f4g5h6"),
        ("session", "Zb1kq0uI1hW2n8o4Yv6s9dXcLrTgPmAeFjQwKyUiOs4"),
        ("session", COOKIE_SESSION[0]),
        ("laravel_session", laravel(APP_KEY, mac="", tag="dGFn")),
        ("_shop_session", "aGVsbG8gd29ybGQ=--MTIzNDU2Nzg5MDE=--MTIzNDU2Nzg5MDEyMzQ1Ng=="),
        (".AspNetCore.Session", producers.protected(36, url_safe=False)),
        ("theme", "dark"),
        ("connect.sid", "s:" + "x" * 20_000 + ".y"),
    ],
)
def test_what_cannot_be_told(name: str, value: str) -> None:
    """Not signed, encrypted, no session, the signature's cookie missing, beyond what a browser keeps."""
    assert verifies("secret", name, value, {}) is None


@pytest.mark.parametrize(("name", "value", "secret", "companions"), SEALED)
def test_without_the_library(
    name: str, value: str, secret: str, companions: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing can be told of what is encrypted with a tag, and that is said; all others need none."""
    assert not needs_library(name, value)
    monkeypatch.setattr(sealed, "find_spec", lambda _: None)
    assert needs_library(name, value)
    assert verifies(secret, name, value, companions) is None
    assert not needs_library("laravel_session", LARAVEL_CBC)
    assert verifies(LARAVEL_KEY, "laravel_session", LARAVEL_CBC, {}) is True


def test_keys_that_no_cipher_has() -> None:
    """They open nothing."""
    for secret in ("base64:", "base64:!!", "short", "é"):
        assert verifies(secret, "laravel_session", LARAVEL_GCM, {}) in {False, None}


def test_without_a_secret() -> None:
    """Nothing is verified."""
    assert verifies("", "connect.sid", EXPRESS, {}) is None


@QUICK
@given(st.sampled_from(SIGNED), st.integers(0, 4000), st.characters(codec="utf-8"))
def test_a_changed_cookie_is_never_verified(
    signed: tuple[str, str, str, dict[str, str]], at: int, character: str
) -> None:
    """Whatever is changed, nothing crashes, and what is no longer the same text is not accepted."""
    name, value, secret, companions = signed
    at %= len(value)
    changed = value[:at] + character + value[at + 1 :]
    answer = verifies(secret, name, changed, companions)
    assert answer in {True, False, None}
    assert not needs_library(name, changed)


@QUICK
@given(st.sampled_from(SIGNED), ENVIRONMENT)
def test_no_secret_crashes(signed: tuple[str, str, str, dict[str, str]], secret: str) -> None:
    """Whatever the environment holds in the secret's place."""
    name, value, right, companions = signed
    assert verifies(secret, name, value, companions) in ({False, None} if secret != right else {True})


@QUICK
@given(st.text(max_size=200), st.text(max_size=200), ENVIRONMENT)
def test_no_text_crashes(name: str, value: str, secret: str) -> None:
    """Neither name, value nor secret."""
    assert verifies(secret, name, value, {f"{name}.sig": value}) in {True, False, None}
