from __future__ import annotations

import asyncio
import gzip
import time
import tracemalloc
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.errors import Unreachable
from sessiondoctor.wire.coding import Bomb, BrokenCoding, codings, decode
from sessiondoctor.wire.message import Request, Response
from tests.fakes.serving import serve, wire

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = b"".join(b"<li>%d: a line of a page</li>\n" % (n * n % 7919) for n in range(8000))
LIMIT = 256 * 1024


def raw_deflate(data: bytes) -> bytes:
    """Deflate without zlib's header, as IIS sends it."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstandard.compress),
}


@pytest.mark.parametrize(("coding", "pack"), PACKERS.values(), ids=PACKERS)
def test_what_was_packed_is_unpacked(coding: str, pack: Callable[[bytes], bytes]) -> None:
    """Whole, and cut one byte after its limit."""
    assert decode(pack(TEXT), (coding,), LIMIT) == TEXT
    assert decode(pack(TEXT), (coding,), len(TEXT)) == TEXT
    assert decode(pack(TEXT), (coding,), 1000) == TEXT[:1001]


@pytest.mark.parametrize(("coding", "pack"), PACKERS.values(), ids=PACKERS)
def test_an_end_that_is_missing_is_not_missed(coding: str, pack: Callable[[bytes], bytes]) -> None:
    """What came before it counts: a body that was cut off at its limit has no end."""
    packed = pack(TEXT)
    half = decode(packed[: len(packed) * 3 // 4], (coding,), LIMIT)
    assert TEXT.startswith(half)
    assert decode(packed[:-1], (coding,), LIMIT)[:1000] == TEXT[:1000]


@pytest.mark.parametrize(("coding", "pack"), PACKERS.values(), ids=PACKERS)
def test_a_bomb_is_refused(coding: str, pack: Callable[[bytes], bytes]) -> None:
    """200 MiB of zeros take no more time and memory than the limit allows."""
    bomb = pack(bytes(200 * 1024**2))
    tracemalloc.start()
    began = time.process_time()
    with pytest.raises(Bomb) as caught:
        decode(bomb[:LIMIT], (coding,), LIMIT)
    taken, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.coding == coding
    assert taken < 1
    assert peak < 8 * 1024**2


def test_a_bomb_in_a_bomb_is_refused() -> None:
    """Each coding has the limit for itself."""
    with pytest.raises(Bomb):
        decode(gzip.compress(gzip.compress(bytes(200 * 1024**2))), ("gzip", "gzip"), LIMIT)


def test_a_page_that_shrinks_well_is_no_bomb() -> None:
    """A long list of equal lines is cut, not refused."""
    page = b"".join(b"<tr><td>%d</td><td>nothing to see in this line</td></tr>\n" % n for n in range(20_000))
    assert len(page) / len(gzip.compress(page)) > 10
    assert len(decode(gzip.compress(page), ("gzip",), LIMIT)) == LIMIT + 1


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_is_not_what_it_says(coding: str) -> None:
    """Nothing of it is attached to the error."""
    with pytest.raises(BrokenCoding) as caught:
        decode(b"SECRET" * 20, (coding,), LIMIT)
    assert caught.value.coding == coding
    assert caught.value.__context__ is None


def test_an_empty_body_is_empty() -> None:
    """As that of a response to HEAD."""
    for coding in ("gzip", "deflate", "br", "zstd"):
        assert decode(b"", (coding,), LIMIT) == b""


@pytest.mark.parametrize(
    ("header", "applied"),
    [
        ("", ()),
        ("identity", ()),
        ("GZip", ("gzip",)),
        ("gzip, br", ("gzip", "br")),
        (" identity ,gzip", ("gzip",)),
        ("utf-8", ()),
        ("gzip, unknown", ()),
        (",".join(["gzip"] * 4), ()),
    ],
)
def test_the_codings_that_a_header_names(header: str, applied: tuple[str, ...]) -> None:
    """An unknown one makes browsers leave the body alone."""
    assert codings(header) == applied


@given(body=st.binary(max_size=200), coding=st.sampled_from(["gzip", "deflate", "br", "zstd"]))
@settings(max_examples=300, deadline=None, database=None)
def test_no_body_makes_more_than_its_limit(body: bytes, coding: str) -> None:
    """It is a body, broken, or a bomb."""
    with suppress(Bomb, BrokenCoding):
        assert len(decode(body, (coding,), 1000)) <= 1001


def answered(coding: str, body: bytes) -> Response | Unreachable:
    """Return what comes of a response with this coding."""

    async def run() -> Response | Unreachable:
        head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
        async with serve(lambda _: head.encode() + body) as server, wire() as client:
            try:
                return await client.send(Request(server.url))
            except Unreachable as error:
                return error

    return asyncio.run(run())


def test_a_response_has_its_body_without_codings() -> None:
    """The header stays: it was seen."""
    response = answered("br", brotli.compress(TEXT))
    assert isinstance(response, Response)
    assert (response.body, response.truncated, response.header("content-encoding")) == (TEXT, False, "br")


def test_a_body_that_expands_over_its_limit_is_cut() -> None:
    """And said to be."""
    response = answered("gzip", gzip.compress(TEXT * 2))
    assert isinstance(response, Response)
    assert (len(response.body), response.truncated) == (LIMIT, True)


def test_a_bad_body_is_trouble() -> None:
    """Broken and bomb are told apart; the text does not quote it."""
    broken = answered("gzip", b"SECRET")
    assert isinstance(broken, Unreachable)
    assert (broken.trouble, broken.reason.partition(": ")[2]) == ("malformed", "its body is not gzip, as it says")
    bomb = answered("zstd", zstandard.compress(bytes(50 * 1024**2)))
    assert isinstance(bomb, Unreachable)
    assert (bomb.trouble, "expands to far more" in bomb.reason) == ("too-large", True)
