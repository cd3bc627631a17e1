"""Cookies of libraries that keep a session in a signed or encrypted cookie; each value was made by the library."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from sessiondoctor.formats.session_cookie import issued_at, recognise_session, store_ids
from sessiondoctor.formats.signature import verifies

STARLETTE = "eyJ1c2VyIjogImRlbW8ifQ==.aw4kpw.XwiVDlfKjG_RidfnWfazEEexruw"  # secret: starlette-secret
FERNET = (
    "gAAAAABrDiSnpW9qr19sgTlIi9wFFiIL2fSyXcAfARcs3FZnLP7WAfH5SV00uVh-cuHWDMfOCjnHsYp6LUqKm6ViMZQQoThTZmZtvjMxXEH2pmXUqhgjRiAo"
    "MF0uBGhtr-XL115zj_woMct0ZBlWEVz76zvRH-3XEg=="
)
IRON = (
    "Fe26.2*1*3008f85089bbcc58c9533ea97face52cb4c480a3cd22ff66a3bb588521689189*TojYdIjy-o6tu_7bwFd2tw*hkTV_HCGOXwu9pc1bcXaiw"
    "*1797298630053*9d00e6161f52b83a2ffe6eb776facb5b1ee91636c037571298137f0c6826f0f4*R1HSd7fYJQVI-7gIfz51A_PsG7y36fkUJSdj_-_oJrA~2"
)
JWE = (
    "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..cCE1pUzQNrFZqEvP"
    ".pF5piUEJIKTdWTcx-NgwY-bu7nWBZHm2fYaVKcjv.i-hEh42cwV3xRJ4D7roR_Q"
)
REMIX = "eyJ1c2VySWQiOiJhbm4ifQ%3D%3D.1UanDCHUpxHMZc1dFcU%2B86EtWmw6l5xMx6%2BHVFAy5Z4"
FASTIFY = "f1vEiIASJi0amqp9F7S0UDdcZeLnjOqmmQxnFv03vZvP8T6rTtNe83MSkJZhOozm%3BeNmBklfMDuRXrUKOkEYPSglRmkEdiuGk"
GORILLA = (
    "MTc5NjA4OTAwNXxEWDhFQVFMX2dBQUJFQUVRQUFBaF80QUFBUVp6ZEhKcGJtY01CZ0FFZFhObGNnWnpkSEpwYm1jTUJRQURZVzV1fLwxHxARnaTUsUr8sSLd9Ri"
    "mKwnHDrkyYdM7Cu-1vi69"
)
GORILLA_ID = (
    "MTc5NjA4OTAwNXxOd3dBTkVwUk0xaFlVVVpKTlRWUFdqSk9XVEpYVmxSTlVGSlFVRlF5U2tsV05GQlFURlJSVTFOU1QwUllRazlYVWtWUVFVOURUVkU9fMW3esMy"
    "985AlDJwXsrGRRqycCSBHdjYOZiMVeJiXFzr"
)
PYRAMID = (
    "WX8l7hO4-4puvpteuPeSwAFf-hvejxZxNnbVQA9tIOcTUuO1TaV9VWoOkMRJc_-m4FLUR07eGV2GfUi5W2LBp1sxNzk2MDg4OTk5LCAxNzk2MDg4OTk5Ljk4Nzg3"
    "MzgsIHsidXNlciI6ICJhbm4ifV0"
)
PLUG = (
    "SFMyNTY.g3QAAAABbQAAAAtfY3NyZl90b2tlbm0AAAAYWGhnNS1uWVNLUU81V1lzQ01MTVY2R0h1"
    ".fI2xB2dYYxmWqn7kyCKIn1baWw3b-f7QvGDfDK2WXr8"
)

WHOLE = [
    ("session", STARLETTE, "starlette"),
    ("AIOHTTP_SESSION", FERNET, "fernet"),
    ("shop_session", quote(FERNET, safe=""), "fernet"),
    ("iron-session", IRON, "iron"),
    ("nuxt-session", IRON, "iron"),
    ("__Secure-authjs.session-token", JWE, "jwe"),
    ("__session", REMIX, "remix"),
    ("session", FASTIFY, "fastify-secure-session"),
    ("mysession", GORILLA, "gorilla"),
    ("session", PYRAMID, "pyramid"),
    ("_shop_key", PLUG, "plug"),
]


@pytest.mark.parametrize(("name", "value", "product"), WHOLE)
def test_a_sealed_session_is_recognised(name: str, value: str, product: str) -> None:
    """No store has it, and a node with another key rejects it."""
    found = recognise_session(name, value)
    assert found is not None
    assert (found.product, found.holds_state, found.signed) == (product, True, True)
    assert store_ids(name, value) == ()


def test_gorilla_may_sign_an_id_alone() -> None:
    """A FilesystemStore's cookie: signed, and the state is elsewhere."""
    found = recognise_session("mysession", GORILLA_ID)
    assert found is not None
    assert (found.product, found.holds_state, found.signed) == ("gorilla", False, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", FERNET),
        ("remember", JWE),
        ("consent", REMIX),
        ("_ga_key", "GA1.2.3"),
        ("v", "gAAAAA"),
        ("x", STARLETTE[:-3]),
    ],
)
def test_other_cookies_are_no_sessions(name: str, value: str) -> None:
    """Anything can be sealed: only a name that hints at a session makes it one; a cut value has no shape."""
    assert recognise_session(name, value) is None


@pytest.mark.parametrize(
    ("name", "value", "issued"),
    [
        ("session", STARLETTE, 1_796_088_999),
        ("AIOHTTP_SESSION", FERNET, 1_796_088_999),
        ("mysession", GORILLA, 1_796_089_005),
        ("mysession", GORILLA_ID, 1_796_089_005),
        ("iron-session", IRON, None),
    ],
)
def test_when_it_was_sealed(name: str, value: str, issued: float | None) -> None:
    """Where the time stands in clear."""
    assert issued_at(name, value) == issued


@pytest.mark.parametrize(("secret", "accepted"), [("starlette-secret", True), ("another", False)])
def test_starlette_signs_with_its_secret(secret: str, *, accepted: bool) -> None:
    """By another key derivation than Flask's."""
    assert verifies(secret, "session", STARLETTE, {}) is accepted
