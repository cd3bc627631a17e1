"""What a census tells: the timeout by the upper edge, pictures, how sure a sample is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sessiondoctor.evidence.stores.census import Census, Group, Quantiles, rank_error

GROUP = Group("express-session", "sess:", 1000, 1.0, Quantiles(900, 1, 900, 1700, 1799.5), 100,
              Quantiles(1000, 100, 400, 900, 1500), ttl_bars=((900.0, 450), (1800.0, 450)),
              size_bars=((512.0, 900), (1024.0, 60), (2048.0, 40)))  # fmt: skip
CENSUS = Census("sessions", 0, 10**6, 26_500, exact=False, groups=(GROUP,))


@pytest.mark.parametrize(
    ("top", "timeout"),
    [
        (1799.5, 1800), (1800.0, 1800), (1439.9, 1440), (1165.0, None), (86_390.0, 86_400), (80_000.0, None),
        (1_209_599.0, 1_209_600), (3540.1, None), (3599.1, 3600), (0.0, None), (9e9, None),
    ],
)  # fmt: skip
def test_the_upper_edge_tells_the_timeout(top: float, timeout: float | None) -> None:
    """Where it lies just below a time that people configure."""
    assert replace(GROUP, ttl_s=Quantiles(1000, 1, 1, 1, top)).timeout_s == timeout


def test_no_times_to_live_no_timeout() -> None:
    """Nothing is guessed."""
    assert replace(GROUP, ttl_s=None).timeout_s is None


def test_how_sure_a_sample_is() -> None:
    """Within one percent of rank at 99 %; a count of everything is right."""
    assert CENSUS.rank_error == pytest.approx(0.01, rel=0.001)
    assert replace(CENSUS, exact=True).rank_error == 0
    assert rank_error(0) == 1


def test_pictures() -> None:
    """Labels are in the largest unit that is whole; what has no expiry is a bar of its own."""
    ttl, size = CENSUS.ttl_picture(GROUP), replace(CENSUS, exact=True).size_picture(GROUP)
    assert ttl["title"].startswith("Time to live of 1,000 keys under 'sess:' (a sample: ranks within 5.1")
    assert size["title"] == "Memory of 1,000 keys under 'sess:'"
    assert ttl["bars"] == [
        {"label": "0-15 min", "count": 450}, {"label": "15-30 min", "count": 450}, {"label": "no expiry", "count": 100},
    ]  # fmt: skip
    assert [bar["label"] for bar in size["bars"]] == ["0-512 B", "512-1024 B", "1-2 KiB"]
