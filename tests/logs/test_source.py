"""Plain, compressed, cut short."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING

import pytest
import zstandard

from sessiondoctor.errors import Unavailable
from sessiondoctor.logs.source import PIECE, opened, pieces

if TYPE_CHECKING:
    from pathlib import Path

TEXT = b"".join(b"line %d of a log that goes on\n" % number for number in range(100_000))


@pytest.mark.parametrize(
    "content",
    [
        TEXT,
        gzip.compress(TEXT),
        gzip.compress(TEXT[:1000]) + gzip.compress(TEXT[1000:]),
        zstandard.compress(TEXT),
        zstandard.compress(TEXT[:1000]) + zstandard.compress(TEXT[1000:]),
        TEXT.decode().encode("utf-16"),
    ],
    ids=["plain", "gzip", "two gzips", "zstd", "two zstds", "utf-16"],
)
def test_content_comes_whole(content: bytes) -> None:
    """In pieces of bounded size."""
    found = list(pieces(io.BytesIO(content)))
    assert b"".join(found).removeprefix("\ufeff".encode()) == TEXT
    assert max(map(len, found)) <= 2 * PIECE


@pytest.mark.parametrize("content", [gzip.compress(TEXT)[:5000], zstandard.compress(TEXT)[:-9] + b"x" * 9])
def test_a_damaged_file_gives_what_it_has(content: bytes) -> None:
    """Then says that it ends too early."""
    found: list[bytes] = []
    with pytest.raises(EOFError):
        found.extend(pieces(io.BytesIO(content)))


def test_a_bomb_is_read_in_pieces() -> None:
    """Memory stays bounded: no piece is larger than another."""
    bomb = gzip.compress(b"\n" * (64 * PIECE))
    assert max(len(piece) for piece in pieces(io.BytesIO(bomb))) <= PIECE


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """Could not look."""
    with pytest.raises(Unavailable, match="no such file"), opened(tmp_path / "x"):
        pass
