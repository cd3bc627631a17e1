"""XXH64, the hash behind HAProxy's dynamic cookies (xxHash specification, version 0.2.0, "XXH64 algorithm")."""

from __future__ import annotations

from struct import unpack_from
from typing import Final

_MASK: Final = 2**64 - 1
_P1: Final = 0x9E3779B185EBCA87
_P2: Final = 0xC2B2AE3D27D4EB4F
_P3: Final = 0x165667B19E3779F9
_P4: Final = 0x85EBCA77C2B2AE63
_P5: Final = 0x27D4EB2F165667C5
_STRIPE: Final = 32


def xxh64(data: bytes, seed: int = 0) -> int:
    """The 64-bit hash of `data`."""
    whole = len(data) - len(data) % _STRIPE
    start = _stripes(data[:whole], seed) if whole else seed + _P5
    return _avalanche(_tail(data[whole:], (start + len(data)) & _MASK))


def _rotated(value: int, bits: int) -> int:
    return (value << bits | value >> (64 - bits)) & _MASK


def _round(lane: int, word: int) -> int:
    return _rotated((lane + word * _P2) & _MASK, 31) * _P1 & _MASK


def _stripes(data: bytes, seed: int) -> int:
    lanes = [(seed + start) & _MASK for start in (_P1 + _P2, _P2, 0, -_P1)]
    for offset in range(0, len(data), _STRIPE):
        lanes = [_round(lane, word) for lane, word in zip(lanes, unpack_from("<4Q", data, offset), strict=True)]
    total = sum(_rotated(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & _MASK
    for lane in lanes:
        total = ((total ^ _round(0, lane)) * _P1 + _P4) & _MASK
    return total


def _tail(data: bytes, total: int) -> int:
    words = len(data) // 8
    for word in unpack_from(f"<{words}Q", data):
        total = (_rotated(total ^ _round(0, word), 27) * _P1 + _P4) & _MASK
    rest = data[words * 8 :]
    if len(rest) >= 4:  # one 32-bit word
        (half,) = unpack_from("<L", rest)
        total = (_rotated(total ^ half * _P1 & _MASK, 23) * _P2 + _P3) & _MASK
        rest = rest[4:]
    for octet in rest:
        total = _rotated(total ^ octet * _P5 & _MASK, 11) * _P1 & _MASK
    return total


def _avalanche(total: int) -> int:
    total = (total ^ total >> 33) * _P2 & _MASK
    total = (total ^ total >> 29) * _P3 & _MASK
    return total ^ total >> 32
