"""Changes real inputs a little, and runs whatever reads them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

PIECES = (
    b"<", b">", b"&", b'"', b"{", b"}", b"[", b"]", b",", b":", b"\x00", b"\xff", b"=", b";", b"\n", b"9" * 30, b"-1",
    b"1e999", b"NaN", b"null", b"\xed\xa0\x80", b"<!DOCTYPE a>", b"]]>", b"%", b"\\u0000", b"\\ud800", b"'", b"(", b")",
    b"#", b"//", b"/*", b"*/", b"<!--", b"\\\n", b"\t", b"  ", b"${", b"{{", b"- ", b"|", b"&a ", b"*a", b"<<: ", b"\r",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """What reads octets, real inputs to begin with, and the one kind of exception that it may raise."""

    read: Callable[[bytes], object]
    seeds: tuple[bytes, ...]
    refusals: tuple[type[Exception], ...] = ()

    def took(self, data: bytes) -> float:
        """Seconds of processor time.

        Raises:
            Exception: what is no refusal.
        """
        began = time.process_time()
        with suppress(*self.refusals):
            self.read(data)
        return time.process_time() - began


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A few changes: octets flipped, cut out, doubled, moved; pieces that mean something put in."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) + 1)
        end = min(len(found), at + chance.choice((1, 2, 8, 64)))
        match chance.randrange(5):
            case 0 if found:
                found[at - 1] = chance.randrange(256)
            case 1:
                del found[at:end]
            case 2:
                found[at:at] = found[at:end] * chance.randint(1, 8)
            case 3:
                found[at:at] = chance.choice(PIECES)
            case _:
                found = found[at:] + found[:at] if chance.random() < 0.1 else found
    return bytes(found)
