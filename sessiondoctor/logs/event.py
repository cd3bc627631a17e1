"""One line of a log, and the event that it belongs to: a message with its stack trace."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sessiondoctor.logs.line import Line, read_line
from sessiondoctor.logs.window import AROUND, Window

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 16 << 10  # bytes of a line that are looked at, around the place of interest
_MOST_LINES = 60  # of an event
_CONTEXT = 2


@dataclass(frozen=True)
class Event:
    """The line around a place in a window.

    Attributes:
        place: offset in the window's data.
        number: of the line, from 1.
    """

    window: Window
    place: int
    number: int
    year: int

    @cached_property
    def start(self) -> int:
        """Where the line begins."""
        return self.window.data.rfind(b"\n", 0, self.place) + 1

    @cached_property
    def end(self) -> int:
        """Where the line ends: at its line feed, or at the end of the data."""
        return _end(self.window.data, self.place)

    @cached_property
    def raw(self) -> bytes:
        """The line, or of a very long one what stands around the place."""
        start = max(self.start, self.place - _LONGEST // 2)
        return self.window.data[start : min(self.end, start + _LONGEST)]

    @cached_property
    def _line(self) -> Line:
        return self._read(self.start, self.end)

    @cached_property
    def text(self) -> str:
        """What the program wrote; of JSON all texts, one below the other."""
        return self._line.text if len(self.raw) == self.end - self.start else self.raw.decode("utf-8", "replace")

    @cached_property
    def at(self) -> float | None:
        """The date of the line, else that of its event's first line."""
        if self._line.at is not None:
            return self._line.at
        return next((line.at for line in self._above() if line.at is not None), None)

    @cached_property
    def whole(self) -> str:
        """The event: this line, those above it up to the first, those below it that continue it."""
        above: list[str] = []
        if self._line.continues:
            for line in self._above():
                above.append(line.text)
                if not line.continues:
                    break
        below: list[str] = []
        for line in self._below():
            if not line.continues:
                break
            below.append(line.text)
        return "\n".join((*reversed(above), self.text, *below))

    @cached_property
    def whole_lower(self) -> str:
        """The same in lower case."""
        return self.whole.lower()

    @property
    def neighbours(self) -> tuple[list[str], list[str]]:
        """The text of the lines before and after this one."""
        before = [line.text for _, line in zip(range(_CONTEXT), self._above(), strict=False)]
        return before[::-1], [line.text for _, line in zip(range(_CONTEXT), self._below(), strict=False)]

    def _above(self) -> Iterator[Line]:
        """The lines above, nearest first."""
        start = self.start
        for _ in range(_MOST_LINES):
            if start <= max(self.start - AROUND, 0):
                return
            end, start = start - 1, self.window.data.rfind(b"\n", 0, start - 1) + 1
            yield self._read(start, end)

    def _below(self) -> Iterator[Line]:
        end = self.end
        for _ in range(_MOST_LINES):
            start = end + 1
            if start >= min(self.end + AROUND, len(self.window.data)):
                return
            end = _end(self.window.data, start)
            yield self._read(start, end)

    def _read(self, start: int, end: int) -> Line:
        raw = self.window.data[start : min(end, start + _LONGEST)]
        return read_line(raw.rstrip(b"\r").decode("utf-8", "replace"), self.year)


def _end(data: bytes, place: int) -> int:
    found = data.find(b"\n", place)
    return found if found >= 0 else len(data)
