"""Which clocks are off, by what each of them may be."""

from __future__ import annotations

import pytest

from sessiondoctor.evidence.network.clocks import Reading, odd_clocks


def readings(*spans: tuple[float, float]) -> list[Reading]:
    """Of app1, app2 ...: offsets, and how far the truth may be from them."""
    return [Reading(f"app{n}", "http-date", offset, within) for n, (offset, within) in enumerate(spans, 1)]


@pytest.mark.parametrize(
    ("spans", "odd"),
    [
        ([(0.0, 0.1), (0.2, 0.1), (600.0, 0.1)], {"app3": 599.8}),
        ([(600.0, 0.1), (600.0, 0.1), (0.0, 0.1)], {"app3": -600.0}),
        ([(0.0, 0.1), (0.0, 0.1), (3.0, 1.1)], {}),
        ([(0.0, 0.1), (0.0, 0.1), (3.2, 1.1)], {"app3": 3.2}),
        ([(0.0, 0.1), (0.0, 0.1), (-9.0, 0.1), (9.0, 0.1)], {"app3": -9.0, "app4": 9.0}),
        ([(0.0, 0.6), (3.1, 0.6)], {}),
        ([(0.0, 0.6), (3.3, 0.6)], {"app2": 3.3}),
        ([(-90.0, 0.1), (1.0, 0.1)], {"app1": -90.0}),
        ([(-90.0, 0.1)], {}),
    ],
)
def test_what_is_off_for_certain(spans: list[tuple[float, float]], odd: dict[str, float]) -> None:
    """By more than two seconds, wherever in their intervals the clocks are; of two the one farther from here."""
    assert odd_clocks(readings(*spans), 2.0) == pytest.approx(odd)
