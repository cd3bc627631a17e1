"""CSRF tokens that look different each time and are the same: what stays of one when its mask is taken off.

Masks change a token in every page so that compression tells nothing of it (BREACH). The server's own secret stays.

    Rails         base64(pad + (pad xor secret)), 32 bytes each: ActionController::RequestForgeryProtection#mask_token
    Spring        base64url(pad + (pad xor token)), UTF-8: XorCsrfTokenRequestAttributeHandler
    Symfony       value.key.prefix: base64url(prefix xor token): CsrfTokenManager::randomize
    Django        mask (32 characters) + secret shifted by it, letters and digits: django.middleware.csrf
    itsdangerous  base64(payload).time.signature, as Flask-WTF renders it
    Adminer       (token xor random):random, decimal
"""

from __future__ import annotations

import base64
import binascii
import re
import string
from typing import Final

LONGEST: Final = 4096
"""Characters of a token; of a longer one no mask is looked for."""

_ALPHABET: Final = string.ascii_letters + string.digits
_DJANGO: Final = 32
_SHORTEST: Final = 16  # bytes of a pad and of a secret together
_LEAST_SECRET: Final = 8  # characters
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]+={0,2}")
_DECIMAL: Final = re.compile(r"([0-9]{1,20}):([0-9]{1,20})")


def same_token(one: str, other: str) -> bool:
    """Whether two tokens stand for one secret: they are equal, or they are where their masks are taken off."""
    if one == other:
        return True
    return bool(_unmasked(one) & _unmasked(other))


def _unmasked(token: str) -> frozenset[bytes]:
    if len(token) > LONGEST:
        return frozenset()
    found = (_halves(token), _django(token), _payload(token), _three_parts(token), _decimal(token))
    return frozenset(secret for secret in found if len(set(secret)) > 1)


def _halves(token: str) -> bytes:
    """Two halves of a base64 text, one the mask of the other."""
    raw = _decoded(token)
    middle, odd = divmod(len(raw), 2)
    return b"" if odd or len(raw) < _SHORTEST else b"halves:" + _xor(raw[:middle], raw[middle:])


def _django(token: str) -> bytes:
    if len(token) != 2 * _DJANGO or not token.isalnum() or not token.isascii():
        return b""
    pairs = zip(token[_DJANGO:], token[:_DJANGO], strict=True)
    return b"django:" + "".join(_ALPHABET[_ALPHABET.index(a) - _ALPHABET.index(b)] for a, b in pairs).encode()


def _payload(token: str) -> bytes:
    """What itsdangerous signs together with the time."""
    payload, *rest = token.split(".")
    secret = _decoded(payload) if len(rest) == 2 else b""  # time and signature
    return secret if len(secret) >= _LEAST_SECRET and secret.isascii() else b""


def _three_parts(token: str) -> bytes:
    """Symfony: the key lies in the second part, and what it masks in the third."""
    parts = token.split(".")
    if len(parts) != 3:  # prefix, key, masked token
        return b""
    key, masked = map(_decoded, parts[1:])
    if not key or len(masked) < _LEAST_SECRET:
        return b""
    return b"parts:" + _xor((key * (len(masked) // len(key) + 1))[: len(masked)], masked)


def _decimal(token: str) -> bytes:
    found = _DECIMAL.fullmatch(token)
    return b"decimal:%d" % (int(found[1]) ^ int(found[2])) if found else b""


def _decoded(text: str) -> bytes:
    if not _BASE64.fullmatch(text):
        return b""
    try:
        text = text.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
