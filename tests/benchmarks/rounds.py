"""Interleaved rounds, so that whatever else the machine does falls on all alike."""

from __future__ import annotations

import statistics
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def compare(subjects: Mapping[str, Callable[[], float]], *, rounds: int, unit: str = "ms") -> dict[str, float]:
    """Runs every subject once a round; prints medians and their ratio to the first; returns the medians.

    A subject returns what it measured, in seconds.
    """
    figures: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds):
        for name, measure in subjects.items():
            figures[name].append(measure())
    medians = {name: statistics.median(values) for name, values in figures.items()}
    base = next(iter(medians.values()))
    scale = {"us": 1e6, "ms": 1e3, "s": 1.0}[unit]
    for name, median in medians.items():
        sys.stdout.write(f"{median * scale:10.2f} {unit} {median / base:7.2f} x  {name}\n")
    return medians
