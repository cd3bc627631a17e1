"""CSRF tokens with and without their masks, as the products themselves make them."""

from __future__ import annotations

import base64
import secrets

import pytest

from sessiondoctor.probes.browser.csrf_token import same_token

# Real outputs: two of one secret, then one of another.
DJANGO = "abcdefghijklmnopqrstuvwxyzABCDEF"


def rails(secret: bytes) -> str:
    """`Base64.strict_encode64(one_time_pad + xor_byte_strings(one_time_pad, raw_csrf_token))`."""
    pad = secrets.token_bytes(32)
    return base64.b64encode(pad + bytes(a ^ b for a, b in zip(pad, secret, strict=True))).decode()


def django(secret: str) -> str:
    """`_mask_cipher_secret`."""
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    mask = "".join(secrets.choice(letters) for _ in range(32))
    pairs = zip(secret, mask, strict=True)
    return mask + "".join(letters[(letters.index(a) + letters.index(b)) % len(letters)] for a, b in pairs)


def adminer(secret: int) -> str:
    """`get_token`: a random number, and that xor the session's."""
    number = secrets.randbelow(10**6)
    return f"{number ^ secret}:{number}"


def symfony(token: str) -> str:
    """`randomize`: a random prefix, a key, the token under the key."""
    key = secrets.token_bytes(32)
    wanted = token.encode()
    masked = bytes(a ^ b for a, b in zip(wanted, (key * 2)[: len(wanted)], strict=True))
    parts = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (key, masked))
    return ".".join((secrets.token_hex(8), *parts))


def flask(secret: str, time: str) -> str:
    """Itsdangerous' URLSafeTimedSerializer."""
    payload = base64.urlsafe_b64encode(f'"{secret}"'.encode()).decode().rstrip("=")
    return f"{payload}.{time}.{secrets.token_urlsafe(20)}"


def test_equal_tokens_are_one() -> None:
    """Whatever they are."""
    assert same_token("abc", "abc")
    assert not same_token("abc", "abd")
    assert not same_token("", "abc")


@pytest.mark.parametrize(
    ("one", "again", "other"),
    [
        (rails(b"a1" * 16), rails(b"a1" * 16), rails(b"b2" * 16)),
        (django(DJANGO), django(DJANGO), django(DJANGO[::-1])),
        (adminer(735956), adminer(735956), adminer(123456)),
        (symfony("k3Ei" * 8), symfony("k3Ei" * 8), symfony("x9Qz" * 8)),
        (flask("deadbeef01", "Z1"), flask("deadbeef01", "Z2"), flask("deadbeef02", "Z1")),
    ],
    ids=["rails", "django", "adminer", "symfony", "itsdangerous"],
)
def test_a_mask_is_taken_off(one: str, again: str, other: str) -> None:
    """Two masks of one secret are one token; of two secrets they are not."""
    assert one != again
    assert same_token(one, again)
    assert not same_token(one, other)


@pytest.mark.parametrize(
    "text", ["A" * 88, "=" * 10, "é" * 64, "0:0", "a.b.c", "x" * 100_000, "..", "AAAA" * 22 + "=="]
)
def test_nothing_is_made_of_what_is_no_token(text: str) -> None:
    """No error, and no equality out of nothing."""
    assert not same_token(text, text[:-1] + "!")
