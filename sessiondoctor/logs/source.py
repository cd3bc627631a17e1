"""The bytes of a log: a file, plain or compressed, or standard input; in pieces, in bounded memory."""

from __future__ import annotations

import codecs
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, cast

from sessiondoctor.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PIECE = 1 << 20
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_UTF16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@contextmanager
def opened(path: Path) -> Iterator[Iterator[bytes]]:
    """The file's content in pieces, decompressed, UTF-16 as UTF-8.

    Raises:
        Unavailable: it cannot be opened, or needs a library that is not installed.
    """
    try:
        with path.open("rb") as file:
            yield pieces(file)
    except OSError as error:
        raise Unavailable(f"{path} cannot be read: {(error.strerror or 'no reason given').lower()}") from None


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The same of an open file, which need not be seekable.

    Raises:
        EOFError: a compressed file ends too early, or holds something else from here on; what came before was given.
    """
    first = _read(file)
    source = _Joined(first, file)
    if first.startswith(_GZIP):
        yield from _inflated(source)
    elif first.startswith(_ZSTD):
        yield from _from_zstd(source)
    elif first[:2] in _UTF16:
        decoder = codecs.getincrementaldecoder(_UTF16[first[:2]])("replace")
        while piece := source.read(PIECE):
            yield decoder.decode(piece).encode("utf-8", "replace")
    else:
        while piece := source.read(PIECE):
            yield piece


def _read(file: IO[bytes]) -> bytes:
    """What is there, up to a piece: a pipe gives less at once than a file, and may go on for long."""
    read1 = getattr(file, "read1", file.read)
    found: bytes = read1(PIECE)
    return found


class _Joined:
    """A file whose first piece was read already."""

    def __init__(self, first: bytes, rest: IO[bytes]) -> None:
        self._first = first
        self._rest = rest

    def read(self, size: int = PIECE) -> bytes:
        """The next bytes, `size` at most."""
        if self._first:
            found, self._first = self._first[:size], self._first[size:]
            return found
        return _read(self._rest)[:size] if size >= PIECE else self._rest.read(size)


def _inflated(source: _Joined) -> Iterator[bytes]:
    """The members of a gzip file, one after the other."""
    inflater = None
    try:
        while piece := source.read():
            while piece:
                inflater = inflater or zlib.decompressobj(wbits=31)
                yield from filter(None, (inflater.decompress(piece, PIECE),))
                piece = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
                inflater = None if inflater.eof else inflater
    except zlib.error as error:
        raise EOFError("the compressed file is damaged") from error
    if inflater:
        raise EOFError("the compressed file ends too early")


def _from_zstd(source: _Joined) -> Iterator[bytes]:
    try:
        import zstandard
    except ImportError:
        hint = "pip install zstandard"
        raise Unavailable("reading zstd needs the package zstandard", hint=hint) from None
    reader = zstandard.ZstdDecompressor().stream_reader(cast("IO[bytes]", source), read_across_frames=True)
    try:
        while piece := reader.read(PIECE):
            yield piece
    except zstandard.ZstdError as error:
        raise EOFError("the compressed file is damaged") from error
