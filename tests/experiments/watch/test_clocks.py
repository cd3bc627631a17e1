from __future__ import annotations

from dataclasses import replace

import pytest

from sessiondoctor.experiments.watch.memory import Memory
from sessiondoctor.experiments.watch.seen import ClockSeen, Seen
from tests.fakes.watched import EVERY_S, Site, told

APP1 = ClockSeen("app1", "node", 0.4, 1.1)
APP2 = ClockSeen("app2", "node", -0.2, 1.1)
STORE = ClockSeen("sessions", "store", 0.001, 0.002)


def rounds(*clocks: tuple[ClockSeen, ...], reference: str = "this machine", jumped_s: float = 0.0) -> list[list[str]]:
    """The kinds of changes of each round."""
    site = Site()
    return [
        [kind for kind, _ in told(site.round(clocks=each, reference=reference, here_jumped_s=jumped_s))]
        for each in clocks
    ]


def off(clock: ClockSeen, by_s: float) -> ClockSeen:
    """The same clock after it has moved."""
    return replace(clock, offset_s=clock.offset_s + by_s)


def test_a_step_is_said_once() -> None:
    """By how much; the others stay."""
    site = Site()
    site.round(clocks=(APP1, APP2, STORE))
    (change,) = site.round(clocks=(off(APP1, 600), APP2, STORE))
    assert (change.kind, change.subject, change.text) == (
        "clock-stepped", "app1", "the clock of app1 stepped by +600.0 s",
    )  # fmt: skip
    assert site.round(clocks=(off(APP1, 600), APP2, STORE)) == ()


@pytest.mark.parametrize("by_s", [0.5, -0.5, 2.0])
def test_what_may_be_the_uncertainty_is_no_step(by_s: float) -> None:
    """Both intervals hold the truth."""
    assert rounds((APP1, STORE), (off(APP1, by_s), STORE)) == [[], []]


def test_a_small_step_of_a_clock_that_is_read_well() -> None:
    """Half a second."""
    assert rounds((APP1, STORE), (APP1, off(STORE, -0.5))) == [[], ["clock-stepped"]]


def test_a_clock_that_runs_wrong_does_not_step() -> None:
    """100 parts in a million for a week."""
    site = Site()
    for number in range(2016):
        drifted = off(STORE, number * EVERY_S * 1e-4)
        assert site.round(clocks=(APP1, drifted)) == ()
    known = site.memory.clocks["sessions"]
    assert known.low_s <= drifted.offset_s <= known.high_s


def test_where_all_step_alike_it_is_this_machine() -> None:
    """Nobody else."""
    assert rounds((APP1, STORE), (off(APP1, -90), off(STORE, -90)), (off(APP1, -90), off(STORE, -90))) == [
        [], ["here"], [],
    ]  # fmt: skip


def test_where_this_machine_was_set_nobody_else_stepped() -> None:
    """As one whose clock was read badly; and a time server is no witness that needs it."""
    seen = Seen(1.0, here_jumped_s=-3.0, clocks=(APP1,), reference="this machine")
    memory = Memory("shop")
    memory.reference = "this machine"
    from sessiondoctor.experiments.watch.clocks import of_clocks

    assert told(list(of_clocks(memory, seen))) == [("here", "this machine")]
    assert rounds((STORE,), (off(STORE, 5),), reference="ntp:123", jumped_s=-5.0) == [[], ["clock-stepped"]]


def test_another_reference_begins_anew() -> None:
    """The time server did not answer."""
    site = Site()
    site.round(clocks=(STORE,), reference="ntp:123")
    assert site.round(clocks=(off(STORE, 4),), reference="this machine") == ()
