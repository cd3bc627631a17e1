from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats.signature import verifies
from tests.formats import producers

QUICK = settings(max_examples=150, deadline=None)
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


APP_KEY = bytes(range(32))
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
    ("_shop_session", rails("base"), "base", {}),
    ("token", producers.jwt(), "insecure", {}),
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
        ("_shop_session", "aGVsbG8gd29ybGQ=--MTIzNDU2Nzg5MDEy--MTIzNDU2Nzg5MDEyMzQ1Ng=="),
        (".AspNetCore.Session", producers.protected(36, url_safe=False)),
        ("theme", "dark"),
        ("connect.sid", "s:" + "x" * 20_000 + ".y"),
    ],
)
def test_what_cannot_be_told(name: str, value: str) -> None:
    """Not signed, encrypted, no session, the signature's cookie missing, beyond what a browser keeps."""
    assert verifies("secret", name, value, {}) is None


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


@QUICK
@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=50))
def test_no_text_crashes(name: str, value: str, secret: str) -> None:
    """Neither name, value nor secret."""
    assert verifies(secret, name, value, {f"{name}.sig": value}) in {True, False, None}
