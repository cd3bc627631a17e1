"""The line of a place in a text: counted once for a text, because readers ask for a place at each match."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from functools import lru_cache


def line_at(text: str, place: int) -> int:
    """The line (1-based) of an offset; a line's end belongs to it."""
    return bisect_left(_ends(text), place) + 1


@lru_cache(maxsize=2)
def _ends(text: str) -> array[int]:
    return array("L", (found.start() for found in re.finditer("\n", text)))
