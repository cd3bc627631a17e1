"""The encoding of sessions that databases and files hold: some products wrap theirs in base64, or put a date before."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING

from sessiondoctor.formats.encoded import base64_octets
from sessiondoctor.formats.session_value import encoding_of

if TYPE_CHECKING:
    from sessiondoctor.formats.session_value import Encoding

HEAD = 64
"""Octets of a value that tell its encoding."""

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}")
_DATE_OCTETS = 4
# Django before 3.1: base64 of an HMAC in hexadecimal, a colon, and the value.
_KEYED = re.compile(rb"[0-9a-f]{40}:")
_INFLATED = 256  # octets


def wrapped_encoding(head: bytes) -> Encoding:
    """The encoding of a stored session by its first octets, inside base64 and compression where it is in these.

    Django (`signing.dumps`: a dot means zlib), Rails' activerecord-session_store and Laravel use base64; cachelib's
    files begin with four octets of expiry.
    """
    plain = encoding_of(head)
    if plain != "unknown":
        return plain
    inside = _inside_base64(head)
    if inside:
        return encoding_of(inside)
    dated = encoding_of(head[_DATE_OCTETS:])
    return dated if dated == "pickle" else "unknown"


def _inside_base64(head: bytes) -> bytes:
    """The first octets of what base64 stands for; empty if this is no base64."""
    body = head.removeprefix(b".")
    found = _BASE64.match(body)
    if not found or (found.end() < len(body) and body[found.end() : found.end() + 1] not in b":=\r\n"):
        return b""
    whole = found[0][: len(found[0]) // 4 * 4]
    octets = base64_octets(whole.decode("ascii"))
    if body is not head and octets:
        return _inflated(octets)
    keyed = _KEYED.match(octets)
    return octets[keyed.end() :] if keyed else octets


def _inflated(octets: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(octets, _INFLATED)
    except zlib.error:
        return b""
