"""A quoted line opens no session."""

from __future__ import annotations

import pytest

from sessiondoctor.logs.quote import quoted
from sessiondoctor.redact import Redactor


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("Unable to serialize delta request for sessionid [0123456789ABCDEF0123456789ABCDEF]", "0123456789ABCDEF"),
        ("GET /?sid=k3j4h5k3j4h5&x=1", "k3j4h5"),
        ("Cookie: JSESSIONID=abcdefabcdefabcdefab12.app1; a=b", "abcdefabcdef"),
        ("Authorization: Bearer eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl", "eyJzdWIi"),
        ("redis://:hunter2@10.0.0.9:6379/0 refused", "hunter2"),
        ("password=hunter and more", "hunter"),
        ("SESSION_SECRET: correcthorse", "correcthorse"),
        ("Session cache read exception, Key:8f5c1a2e-1111-2222-3333-444455556666", "8f5c1a2e"),
        ("s:Xk3jH5kq9sLm2nP4rT6vW8yZ1aB3cD5e.sig", "Xk3jH5kq9sLm"),
    ],
)
def test_what_opens_a_session_is_a_token(line: str, secret: str) -> None:
    """Whoever reads the report cannot use it."""
    assert secret not in quoted(line, Redactor())


@pytest.mark.parametrize(
    "line",
    [
        "org.springframework.security.core.context.SecurityContextImpl; local class incompatible",
        "stream classdesc serialVersionUID = 3904106029225421656",
        "OOM command not allowed when used memory > 'maxmemory'.",
        "Failed to read session data: redis (path: tcp://10.0.0.9:6379)",
        "upstream sent too big header while reading response header from upstream, client: 10.1.1.1",
        "ISPN000094: Received new cluster view for channel ejb: [kc-a|1] (2) [kc-a, kc-b]",
    ],
)
def test_what_tells_the_cause_stays(line: str) -> None:
    """Classes, numbers, addresses."""
    assert quoted(line, Redactor()) == line


def test_what_the_signature_has_taken_out_stays() -> None:
    """The id of a key is no key."""
    key = "0c819c80-6619-4019-9536-53f8aaffee57"
    assert key in quoted(f"The key {{{key}}} was not found", Redactor(), frozenset({key}))
    assert key not in quoted(f"The key {{{key}}} was not found", Redactor())


def test_equal_values_have_equal_tokens() -> None:
    """So that lines can be compared."""
    redactor = Redactor()
    assert quoted("sid=a1b2c3d4e5f6a7b8c9", redactor) == quoted("sid=a1b2c3d4e5f6a7b8c9", redactor)


def test_a_quote_is_short_and_printable() -> None:
    """Whatever the line is."""
    found = quoted("x\x1b[31m" * 1000, Redactor())
    assert len(found) <= 300
    assert found.isprintable()
