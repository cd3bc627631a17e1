"""Windows over a log: every line once, in bounded memory."""

from __future__ import annotations

import random
from itertools import repeat

import pytest

from sessiondoctor.logs.window import AROUND, windows

MIB = 1 << 20


@pytest.mark.parametrize("seed", range(5))
def test_every_byte_is_in_one_window(seed: int) -> None:
    """In order, with the number of its line, however the pieces fall and however long the lines are."""
    chance = random.Random(seed)
    content = b"".join(
        b"x" * chance.choice((3, 80, 3000, 60_000, 6 * MIB // (1 + 9 * (seed > 0)))) + b"\n" for _ in range(60)
    )
    pieces = (content[at : at + MIB // 3] for at in range(0, len(content), MIB // 3))
    seen, line = b"", 1
    for window in windows(pieces):
        assert window.line == line
        seen += window.data[window.begin : window.end]
        line += window.data.count(b"\n", window.begin, window.end)
    assert seen == content


def test_a_line_without_an_end_does_not_grow() -> None:
    """No window is larger than what is kept around it, its longest line and one piece."""
    sizes = [len(window.data) for window in windows(repeat(bytes(MIB), 40))]
    assert max(sizes) <= 5 * MIB + 2 * AROUND
