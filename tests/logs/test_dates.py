"""Dates as the usual programs write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sessiondoctor.logs.dates import date_of, number_date

THEN = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "line",
    [
        "2024-01-02T03:04:05Z app started",
        "2024-01-02T04:04:05+01:00 app started",
        "2024-01-02 03:04:05 ERROR x",
        "2024/01/02 03:04:05 [error] 7#7: *1 upstream",
        "[02/Jan/2024:03:04:05 +0000] x",
        '10.1.1.1 - - [02/Jan/2024:05:04:05 +0200] "GET / HTTP/1.1" 200',
        "02-Jan-2024 03:04:05 SEVERE [main] x",
        "1:M 02 Jan 2024 03:04:05 * Ready",
        "[Tue Jan 02 03:04:05 2024] [error] x",
        "Jan 02, 2024 3:04:05 AM org.apache.catalina",
        "Jan  2 03:04:05 host app: x",
        "E0102 03:04:05 kubelet x",
        "1704164645 x",
    ],
)
def test_a_date_is_read(line: str) -> None:
    """To the second."""
    assert date_of(line, 2024) == THEN


@pytest.mark.parametrize("line", ["", "no date", "2024-13-40 99:99:99 x", "99/Foo/2024:03:04:05", "at 03:04 sharp"])
def test_what_is_no_date_is_none(line: str) -> None:
    """Nothing is made up."""
    assert date_of(line, 2024) is None


def test_a_fraction_counts() -> None:
    """With a point or a comma."""
    assert date_of("2024-01-02 03:04:05,250 x", 2024) == THEN + 0.25
    assert date_of("2024-01-02T03:04:05.25Z x", 2024) == THEN + 0.25


@pytest.mark.parametrize("factor", [1, 1e3, 1e6, 1e9])
def test_a_number_is_a_date_by_its_size(factor: float) -> None:
    """Seconds, milli-, micro- or nanoseconds."""
    assert number_date(THEN * factor) == pytest.approx(THEN)


def test_a_small_number_is_no_date() -> None:
    """A counter, a level."""
    assert number_date(30) is None
