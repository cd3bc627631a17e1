"""Quantiles of what a census has seen."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from sessiondoctor.evidence.stores.census import Quantiles

if TYPE_CHECKING:
    from collections.abc import Iterable


def quantiles(values: Iterable[float]) -> Quantiles | None:
    """By nearest rank; None without values."""
    ordered = sorted(values)
    if not ordered:
        return None

    def at(share: float) -> float:
        return ordered[max(0, ceil(share * len(ordered)) - 1)]

    return Quantiles(count=len(ordered), low=ordered[0], median=at(0.5), high=at(0.95), top=ordered[-1])
