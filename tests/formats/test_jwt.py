from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats.jwt import Claims, read_jwt
from sessiondoctor.formats.session_cookie import issued_at
from tests.formats.producers import jwt, unpadded

# RFC 7515, appendix A.1.
RFC7515 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)


def token(header: Any, claims: Any) -> str:
    """Compact form, with a signature that nobody checks."""
    return ".".join((*(unpadded(json.dumps(part).encode()) for part in (header, claims)), "c2ln"))


def test_the_token_of_the_rfc() -> None:
    """Line breaks in its JSON and all."""
    assert read_jwt(RFC7515) == Claims("HS256", "", None, None, 1300819380)


def test_dates_and_key() -> None:
    """Whole seconds and fractions are dates; text, infinities and the year 10000 are not."""
    said = read_jwt(token({"alg": "RS256", "kid": "k1"}, {"iat": 1.5e9, "nbf": "now", "exp": 10**15}))
    assert said == Claims("RS256", "k1", 1.5e9, None, None)
    assert read_jwt(token({"alg": "none"}, {"iat": True, "nbf": 1700000000.5})) == Claims(
        "none", "", None, 1700000000.5, None
    )


def test_when_a_session_token_was_signed() -> None:
    """Its `iat`, for a cookie that is a token."""
    assert issued_at("session_token", token({"alg": "HS256"}, {"iat": 1700000000})) == 1700000000
    assert issued_at("session_token", jwt()) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b.c",
        "eyJh.eyJh.eyJh",
        token({}, {"a": 1}),
        token({"alg": 1}, {"a": 1}),
        token({"alg": "x"}, [1]),
        RFC7515 * 200,
    ],
)
def test_what_is_no_token(text: str) -> None:
    """No JSON, no algorithm, claims that are no object, far too long."""
    assert read_jwt(text) is None


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=100), st.integers(0, len(RFC7515)), st.recursive(st.none() | st.integers() | st.text(), st.lists)
)
def test_nothing_crashes(text: str, at: int, value: Any) -> None:
    """Neither a damaged token nor odd claims."""
    for candidate in (text, RFC7515[:at] + text, token({"alg": "HS256"}, {"iat": value, "exp": value})):
        assert read_jwt(candidate) is None or isinstance(read_jwt(candidate), Claims)
