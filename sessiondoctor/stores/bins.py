"""Quantiles and histograms of any number of values in bounded memory.

Small whole numbers are counted as they are; of larger ones the ten leading bits are kept, so that a value is known
within 0.2 % however large it is: at most 512 bins for each doubling, as in an HdrHistogram (https://hdrhistogram.org/).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING

from sessiondoctor.evidence.stores.census import Histogram, Quantiles

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_BITS = 10
_MOST_RAW = 20_000  # different values that are counted as they come; then they are sorted into bins
_MOST_BARS = 12
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
# Bars are as wide as people count time: 12 of the widest are a year.
_SECONDS = (
    1, 2, 5, 10, 15, 30, _MINUTE, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 15 * _MINUTE, 30 * _MINUTE, _HOUR, 2 * _HOUR,
    4 * _HOUR, 6 * _HOUR, 12 * _HOUR, _DAY, 2 * _DAY, 5 * _DAY, 7 * _DAY, 14 * _DAY, 30 * _DAY,
)  # fmt: skip


@dataclass(slots=True)
class Bins:
    """Whole numbers of 0 or more, and how often each was seen; `unit` of them are 1 in what is handed out."""

    unit: int = 1
    _raw: Counter[int] = field(default_factory=Counter)
    _bins: Counter[int] = field(default_factory=Counter)
    _low: int | None = None
    _top: int = 0

    def add(self, values: Mapping[int, int]) -> None:
        """Counts values, given how often each was seen."""
        self._raw.update(values)
        if len(self._raw) > _MOST_RAW:
            self._fold()

    def merge(self, other: Bins) -> None:
        """Counts what another has seen."""
        other._fold()
        self._fold()
        self._bins.update(other._bins)
        if other._low is not None:
            self._stretch(other._low, other._top)

    def quantiles(self) -> Quantiles | None:
        """By nearest rank; the smallest and the largest are exact. None without values."""
        self._fold()
        if self._low is None:
            return None
        ordered = sorted(self._bins.items())
        total, reached, ranks = sum(self._bins.values()), 0, []
        for _, count in ordered:
            reached += count
            ranks.append(reached)

        def at(share: float) -> float:
            edge = ordered[bisect_left(ranks, max(1, ceil(share * total)))][0]
            return min(max(_middle(edge), low), top) / self.unit

        low, top = self._low, self._top
        return Quantiles(count=total, low=low / self.unit, median=at(0.5), high=at(0.95), top=top / self.unit)

    @property
    def top(self) -> float:
        """The largest value."""
        self._fold()
        return self._top / self.unit

    def shares(self) -> Iterator[tuple[float, int]]:
        """The middle of each bin and its count, in order; the last is at most the largest value."""
        self._fold()
        return ((min(_middle(edge), self._top) / self.unit, count) for edge, count in sorted(self._bins.items()))

    def _fold(self) -> None:
        if self._raw:
            self._stretch(min(self._raw), max(self._raw))
        for value, count in self._raw.items():
            shift = max(0, value.bit_length() - _BITS)
            self._bins[value >> shift << shift] += count
        self._raw.clear()

    def _stretch(self, low: int, top: int) -> None:
        self._low = low if self._low is None else min(self._low, low)
        self._top = max(self._top, top)


def _middle(edge: int) -> float:
    width = 1 << max(0, edge.bit_length() - _BITS)
    return edge + (width - 1) / 2


def by_time(bins: Bins) -> Histogram:
    """Bars of equal width, in seconds, such as people count time."""
    shares = list(bins.shares())
    if not shares:
        return ()
    top = bins.top
    step = next((step for step in _SECONDS if step * _MOST_BARS >= top), top / _MOST_BARS)
    bars = max(1, ceil(top / step))
    return _bars(shares, [step * (number + 1) for number in range(bars)])


def by_size(bins: Bins) -> Histogram:
    """Bars up to each power of two, in bytes."""
    shares = list(bins.shares())
    if not shares:
        return ()
    first, last = (max(0, ceil(size) - 1).bit_length() for size in (shares[0][0], shares[-1][0]))
    return _bars(shares, [float(1 << power) for power in range(first, last + 1)])


def _bars(shares: Iterable[tuple[float, int]], edges: list[float]) -> Histogram:
    counts = [0] * len(edges)
    for value, count in shares:
        counts[min(bisect_left(edges, value), len(edges) - 1)] += count
    return tuple(zip(map(float, edges), counts, strict=True))


def fullest(bins: Bins) -> tuple[float, int] | None:
    """The fullest hundredth of the range from 0 to the largest value: its upper edge and count; None without values."""
    shares = list(bins.shares())
    if not shares:
        return None
    width = max(bins.top, 1.0) / 100
    counts: Counter[int] = Counter()
    for value, count in shares:
        counts[ceil(value / width)] += count
    number, count = counts.most_common(1)[0]
    return round(number * width, 3), count
