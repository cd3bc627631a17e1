"""Clocks: how far each component is from the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Source = Literal["http-date", "redis-time", "memcached-time", "ntp"]


@dataclass(frozen=True, slots=True)
class Reading:
    """`offset_s` is the component's clock minus this machine's, the truth lies within +-`uncertainty_s` of it."""

    subject: str
    source: Source
    offset_s: float
    uncertainty_s: float


@dataclass(frozen=True, slots=True)
class Clocks:
    """Readings of nodes, stores and time servers; `trouble` says why a subject has none."""

    readings: tuple[Reading, ...]
    trouble: dict[str, str]

    def of(self, source: Source) -> tuple[Reading, ...]:
        """The readings of one kind."""
        return tuple(reading for reading in self.readings if reading.source == source)
