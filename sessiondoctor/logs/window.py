"""A log in overlapping pieces: whole lines, with what stands around them, and their numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

AROUND = 16 << 10  # bytes kept before and after a line: its event, and two lines of context
_LONGEST_LINE = 4 << 20  # a longer one is cut


@dataclass(frozen=True, slots=True)
class Window:
    """A piece of a log.

    Attributes:
        data: the bytes; begins and ends with a line, unless that is very long.
        begin, end: where the lines of this window begin and end in it; the rest stands around them.
        line: the number of the line at `begin`.
    """

    data: bytes
    begin: int
    end: int
    line: int


def windows(pieces: Iterable[bytes]) -> Iterator[Window]:
    """Every line of the log once, in order, between the `begin` and `end` of a window."""
    data, begin, line = b"", 0, 1
    for piece in pieces:
        data += piece
        end = _line_start(data, len(data) - AROUND)
        if end <= begin and len(data) - begin > _LONGEST_LINE:
            end = len(data) - AROUND
        if end > begin:
            yield Window(data, begin, end, line)
            line += data.count(b"\n", begin, end)
            keep = max(_line_start(data, max(end - AROUND, 0)), end - 2 * AROUND)  # of an endless line, no more
            data, begin = data[keep:], end - keep
    if len(data) > begin:
        yield Window(data, begin, len(data), line)


def _line_start(data: bytes, before: int) -> int:
    """Where the last line that begins at or before this place begins."""
    return data.rfind(b"\n", 0, max(before, 0)) + 1
