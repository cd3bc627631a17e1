"""The table of clocks as every renderer draws it: who, how far off, by what that is known, and where that lies.

The picture has the reference's time in its middle, `|`, each clock as `o`, and what it may be as `-` around that. All
rows have one scale. What cannot be told apart from the reference stands at 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, isfinite
from typing import TYPE_CHECKING

from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from sessiondoctor.model import ClockOffset, ClockTable

_AGREE_S = 1.0  # no timeout of a session notices less
_HALF = 10
_LONGEST_NAME = 32
_MOST_ROWS = 40
_FARTHEST_S = 10.0**10
_NANO = 1e-9


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock: its name, `+90.0 +- 0.6 s`, what told it, and the picture."""

    name: str
    off: str
    source: str
    drawn: str


def title(table: ClockTable) -> str:
    """What the rows are relative to."""
    return f"Clocks, ahead (+) or behind (-) of {one_line(table.reference)[:_LONGEST_NAME]}"


def agreement(table: ClockTable) -> str:
    """One line in the place of the table if no clock is off for certain; else empty."""
    spans = [span(clock) for clock in table.offsets]
    if not spans or any(map(is_off, table.offsets)):
        return ""
    most = max(abs(offset) + within for offset, within in spans)
    others = "1 clock agrees" if len(spans) == 1 else f"{len(spans)} clocks agree"
    within = _rounded_up(most, _decimals(most))
    return f"{others} with {one_line(table.reference)[:_LONGEST_NAME]} within {within} s"


def rows(table: ClockTable, *, plus_minus: str, blank: str) -> tuple[ClockRow, ...]:
    """The rows, drawn to one scale; `blank` is what the picture's empty places show."""
    clocks = table.offsets[:_MOST_ROWS]
    scale = max((abs(offset) + within for offset, within in map(span, clocks)), default=0.0) or 1.0
    return tuple(
        ClockRow(
            one_line(clock.subject)[:_LONGEST_NAME],
            off(clock, plus_minus),
            one_line(clock.source)[:_LONGEST_NAME],
            _drawn(clock, scale, blank),
        )
        for clock in clocks
    )


def off(clock: ClockOffset, plus_minus: str) -> str:
    """`-90.0 +- 0.6 s`, as many digits as mean something; the truth is always within."""
    offset, within = span(clock)
    digits = _decimals(within)
    value = round(offset, digits)
    sign = "+" if value > 0 else ""
    return f"{sign}{value:.{digits}f} {plus_minus} {_rounded_up(within + abs(offset - value), digits)} s"


def is_off(clock: ClockOffset) -> bool:
    """Whether it is off for certain, by more than any timeout of a session would notice."""
    offset, within = span(clock)
    return abs(offset) - within > _AGREE_S


def span(clock: ClockOffset) -> tuple[float, float]:
    """The offset and how far the truth may be from it; from 0, if it may be 0. A file may say anything."""
    offset, within = _bounded(clock.offset_s), abs(_bounded(clock.uncertainty_s))
    return (offset, within) if abs(offset) > within else (0.0, within + abs(offset))


def _bounded(seconds: float) -> float:
    return max(-_FARTHEST_S, min(seconds, _FARTHEST_S)) if isfinite(seconds) else _FARTHEST_S


def _decimals(seconds: float) -> int:
    return 3 if seconds < 0.01 else 2 if seconds < 0.1 else 1  # two digits that mean something


def _rounded_up(seconds: float, digits: int) -> str:
    scale = 10**digits
    return f"{ceil(seconds * scale - _NANO) / scale:.{digits}f}"


def _drawn(clock: ClockOffset, scale: float, blank: str) -> str:
    offset, within = span(clock)
    low, at, high = (_HALF + round(_HALF * seconds / scale) for seconds in (offset - within, offset, offset + within))
    cells = [blank] * (2 * _HALF + 1)
    cells[low : high + 1] = "-" * (high + 1 - low)
    cells[_HALF] = "|"
    cells[at] = "o"
    return "".join(cells)
