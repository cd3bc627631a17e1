"""Clocks: how far each component is from the reference."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Source = Literal[
    "http-date", "redis-time", "memcached-time", "ntp", "affinity-cookie", "session-cookie", "token",
]  # fmt: skip
"""What told the time; the last three are dates inside cookies and tokens, written by whoever made them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`offset_s` is the component's clock minus this machine's, the truth lies within +-`uncertainty_s` of it."""

    subject: str
    source: Source
    offset_s: float
    uncertainty_s: float

    @property
    def low_s(self) -> float:
        """The least that the offset can be."""
        return self.offset_s - self.uncertainty_s

    @property
    def high_s(self) -> float:
        """The most that the offset can be."""
        return self.offset_s + self.uncertainty_s


@dataclass(frozen=True, slots=True)
class Clocks:
    """Readings of nodes, stores and time servers; `trouble` says why a subject has none."""

    readings: tuple[Reading, ...]
    trouble: dict[str, str]

    def of(self, source: Source) -> tuple[Reading, ...]:
        """The readings of one kind."""
        return tuple(reading for reading in self.readings if reading.source == source)


def odd_clocks(readings: Sequence[Reading], slack_s: float) -> dict[str, float]:
    """The subjects whose clock is certainly more than `slack_s` off the others', and by how many seconds.

    The middle of two is nobody's time: there it is the one that is farther from this machine, and by how much it is.
    """
    middle = median(reading.offset_s for reading in readings)
    if len(readings) > 2:  # more than two have a majority
        off = {reading.subject: (reading.offset_s - middle, reading.uncertainty_s) for reading in readings}
        return {name: apart for name, (apart, within) in off.items() if abs(apart) > slack_s + within}
    farther = max(readings, key=lambda reading: abs(reading.offset_s))
    spread = max(reading.low_s for reading in readings) - min(reading.high_s for reading in readings)
    return {farther.subject: farther.offset_s} if spread > slack_s else {}
