"""Quantiles and histograms in bounded memory: beside the plain way, which keeps every value."""

from __future__ import annotations

from collections import Counter
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessiondoctor.stores import bins
from sessiondoctor.stores.bins import Bins, by_size, by_time, fullest

VALUES = st.lists(st.integers(0, 10**12), min_size=1, max_size=200)


def of(values: list[int], unit: int = 1) -> Bins:
    """Bins with these values."""
    filled = Bins(unit)
    filled.add(Counter(values))
    return filled


def plainly(values: list[int], share: float) -> int:
    """The quantile by nearest rank."""
    return sorted(values)[max(1, ceil(share * len(values))) - 1]


@given(VALUES)
def test_quantiles_are_within_one_percent(values: list[int]) -> None:
    """The smallest and the largest are exact."""
    found = of(values).quantiles()
    assert found
    assert (found.count, found.low, found.top) == (len(values), min(values), max(values))
    assert found.median == pytest.approx(plainly(values, 0.5), rel=0.01)
    assert found.high == pytest.approx(plainly(values, 0.95), rel=0.01)


@given(VALUES, VALUES)
def test_merged_is_as_if_counted_together(one: list[int], other: list[int]) -> None:
    """So that shards can be counted at the same time."""
    merged = of(one)
    merged.merge(of(other))
    assert merged.quantiles() == of(one + other).quantiles()
    assert list(merged.shares()) == list(of(one + other).shares())


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred thousand different values of five magnitudes are a few thousand bins."""
    monkeypatch.setattr(bins, "_MOST_RAW", 1000)
    filled = Bins()
    for start in range(0, 100_000, 500):
        filled.add(Counter(range(start, start + 500)))
    assert len(filled._raw) <= 1000
    assert len(filled._bins) < 6000
    found = filled.quantiles()
    assert found
    assert found.median == pytest.approx(50_000, rel=0.01)


def test_nothing_counted() -> None:
    """No values, no figures."""
    empty = Bins()
    assert (empty.quantiles(), by_time(empty), by_size(empty), fullest(empty)) == (None, (), (), None)


@given(VALUES)
def test_a_histogram_leaves_nothing_out(values: list[int]) -> None:
    """Every value is in one bar, and the bars are few and in order."""
    for bars in (by_time(of(values, 1000)), by_size(of(values))):
        assert sum(count for _, count in bars) == len(values)
        edges = [edge for edge, _ in bars]
        assert edges == sorted(set(edges))
        assert len(bars) <= 42


def test_bars_are_as_wide_as_people_count() -> None:
    """Milliseconds in, seconds out."""
    assert by_time(of([1000, 899_000, 901_000, 1_799_000], 1000)) == (
        (300.0, 1), (600.0, 0), (900.0, 1), (1200.0, 1), (1500.0, 0), (1800.0, 1),
    )  # fmt: skip
    assert [edge for edge, _ in by_time(of([86_399_000], 1000))] == [7200.0 * n for n in range(1, 13)]
    assert by_size(of([60, 64, 65, 1000])) == ((64.0, 2), (128.0, 1), (256.0, 0), (512.0, 0), (1024.0, 1))


def test_the_fullest_hundredth() -> None:
    """A pile shows, wherever it is."""
    pile = fullest(of([*range(0, 99_990, 100), *[50_500] * 900, 100_000], 1000))
    assert pile
    assert pile[0] == 51.0
    assert pile[1] == pytest.approx(910, abs=2)
