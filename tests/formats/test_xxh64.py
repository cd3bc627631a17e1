from __future__ import annotations

import pytest

from sessiondoctor.formats.xxh64 import xxh64


@pytest.mark.parametrize(
    ("data", "seed", "digest"),
    [
        # From the reference implementation (xxhash 0.8), at every branch: empty, octets, a word, stripes, a seed.
        (b"", 0, 0xEF46DB3751D8E999),
        (b"a", 0, 0xD24EC4F1A98C6E5B),
        (b"abc", 0, 0x44BC2CF5AD770999),
        (b"0123456789abcdef0123456789abcdef0123456", 0, 0xE97F503D26863ECD),
        (bytes(range(101)), 0x9E3779B1, 0xA1C6D4174C37136D),
        # HAProxy 2.6.12, dynamic-cookie-key MYKEY, server 127.0.0.1:18081.
        (b"MYKEY\x7f\x00\x00\x01" + (18081).to_bytes(4, "big"), 0, 0x85A427C55B2C4E8F),
    ],
)
def test_known_digests(data: bytes, seed: int, digest: int) -> None:
    """Values of other implementations."""
    assert xxh64(data, seed) == digest


@pytest.mark.parametrize("length", range(70))
def test_every_length_has_a_digest_of_its_own(length: int) -> None:
    """64 bits, and the seed matters."""
    data = bytes(range(length))
    assert 0 <= xxh64(data) < 2**64
    assert len({xxh64(data), xxh64(data + b"\x00"), xxh64(data, 1)}) == 3
