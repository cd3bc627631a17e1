"""Content codings (RFC 9110 section 8.4.1), taken off without ever making more than was asked for."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

ACCEPTED: Final = "gzip, deflate, br, zstd"
"""What browsers ask for."""

_PIECE = 1024
# HTML of real sites shrinks to between a third and a thirtieth. Deflate can do 1032-fold, brotli and zstd much more.
_HIGHEST_RATIO = 200
_MOST_CODINGS = 3
_LARGEST_WINDOW = 8 * 1024 * 1024  # RFC 9659: what zstd may ask a browser to hold

Reader = Callable[[bytes, int], tuple[bytes, int]]
"""From a body and the room for what it expands to, to what fits, and how many bytes of the body that took."""


class BrokenCoding(Exception):  # noqa: N818 - it says what the body is
    """The body is not what its Content-Encoding says; `coding` names it."""

    def __init__(self, coding: str) -> None:
        super().__init__(coding)
        self.coding = coding


class Bomb(Exception):  # noqa: N818 - it says what the body is
    """A small body expands to far more than its limit; `coding` names how."""

    def __init__(self, coding: str) -> None:
        super().__init__(coding)
        self.coding = coding


def codings(header: str) -> tuple[str, ...]:
    """The codings that Content-Encoding names, as they were applied; none if one of them is unknown, as in browsers."""
    names = tuple(name for part in header.lower().split(",") if (name := part.strip()) not in {"", "identity"})
    return names if len(names) <= _MOST_CODINGS and all(name in _READERS for name in names) else ()


def decode(body: bytes, applied: tuple[str, ...], limit: int) -> bytes:
    """Take off the codings of a body, the last one first; an end that is missing is not missed, as in browsers.

    Returns at most `limit` + 1 bytes.

    Raises:
        BrokenCoding: it is coded otherwise.
        Bomb: it is made to expand.
    """
    for coding in reversed(applied):
        body = _decode_one(body, coding, limit)
    return body


def _decode_one(body: bytes, coding: str, limit: int) -> bytes:
    try:
        made, used = _READERS[coding](body, limit + 1)
    except _Broken:
        made, used = None, 0
    if made is None:  # outside of the handler: a library's text is not attached
        raise BrokenCoding(coding)
    if len(made) > limit and len(made) > _HIGHEST_RATIO * used:
        raise Bomb(coding)
    return made[: limit + 1]


class _Broken(Exception):  # noqa: N818 - it says what the body is
    """A library says that this is not its format."""


def _gzip(body: bytes, room: int) -> tuple[bytes, int]:
    return _inflated(body, room, zlib.MAX_WBITS | 16)


def _deflate(body: bytes, room: int) -> tuple[bytes, int]:
    """Deflate should have zlib's header (RFC 9110 section 8.4.1.2), and often has none."""
    has_header = len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and int.from_bytes(body[:2], "big") % 31 == 0
    return _inflated(body, room, zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)


def _inflated(body: bytes, room: int, bits: int) -> tuple[bytes, int]:
    decompressor = zlib.decompressobj(bits)
    try:
        made = decompressor.decompress(body, room)
    except zlib.error:
        raise _Broken from None
    return made, len(body) - len(decompressor.unconsumed_tail)


def _brotli(body: bytes, room: int) -> tuple[bytes, int]:
    try:
        import brotli
    except ImportError:
        import brotlicffi as brotli

    decompressor, made, used = brotli.Decompressor(), bytearray(), 0
    try:
        while used < len(body) and len(made) < room:
            piece = body[used : used + _PIECE]
            made += decompressor.process(piece, output_buffer_limit=room - len(made))
            used += len(piece)
    except brotli.error:
        raise _Broken from None
    return bytes(made), used


def _zstd(body: bytes, room: int) -> tuple[bytes, int]:
    import zstandard

    source = io.BytesIO(body)
    decompressor = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
    try:
        made = decompressor.stream_reader(source, read_size=_PIECE, read_across_frames=True).read(room)
    except zstandard.ZstdError:
        raise _Broken from None
    return made, source.tell()


_READERS: Mapping[str, Reader] = MappingProxyType(
    {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate, "br": _brotli, "zstd": _zstd}
)
