"""The encodings that the other formats share: octets, percent-encoding, quotes, base64."""

from __future__ import annotations

import binascii
from urllib.parse import unquote

_URL_SAFE = str.maketrans("-_", "+/")
_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
_QUOTES = 2
_GROUP = 4  # base64 characters that make three octets


def octets(text: str) -> bytes:
    """The octets of a header's text: Latin-1, as it was received; text from elsewhere as UTF-8."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def ascii_lower(text: str) -> str:
    """Lower case for A to Z only, as HTTP compares; no other letter turns into one of these."""
    return text.translate(_LOWER)


def unescaped(value: str) -> str:
    """A cookie value without surrounding double quotes and with percent-encoding undone, once."""
    if len(value) >= _QUOTES and value[0] == value[-1] == '"':
        value = value[1:-1]
    return unquote(value)


def base64_octets(text: str) -> bytes:
    """What base64 text stands for, both alphabets, padded or not (RFC 4648); empty if it is no base64."""
    body = text.rstrip("=").translate(_URL_SAFE)
    if not body.isascii():
        return b""
    try:
        return binascii.a2b_base64(body + "=" * (-len(body) % _GROUP), strict_mode=True)
    except binascii.Error:
        return b""
