"""Clocks: whether one has stepped, by intervals that certainly hold the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.experiments.watch.memory import ClockKnown
from sessiondoctor.experiments.watch.seen import Change
from sessiondoctor.model import HERE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sessiondoctor.experiments.watch.memory import Memory
    from sessiondoctor.experiments.watch.seen import ClockSeen, Seen

DRIFT = 5e-4
"""Seconds that a clock may run wrong each second: a daemon that slews it goes so far (adjtimex: 500 ppm)."""
_LEAST_S = 0.25
_MOST = 100


def of_clocks(memory: Memory, seen: Seen) -> Iterator[Change]:
    """Those that are where they cannot be by themselves; where all are, it is this machine's."""
    if seen.reference != memory.reference:
        memory.clocks, memory.reference = {}, seen.reference
    steps = {one.subject: step for one in seen.clocks if (step := step_of(memory.clocks, one, seen.at))}
    of_here = seen.reference == HERE
    if of_here and (abs(seen.here_jumped_s) > _LEAST_S or _together(steps, seen.clocks)):
        jumped = seen.here_jumped_s or -sum(steps.values()) / len(steps)
        memory.clocks = {}
        text = f"the clock of this machine stepped by {jumped:+.1f} s, or the machine slept"
        yield Change("here", HERE, text, seen.at)
        steps = {}
    for subject, step in steps.items():
        memory.count("clock_steps", subject)
        yield Change("clock-stepped", subject, f"the clock of {subject} stepped by {step:+.1f} s", seen.at)
    for one in seen.clocks:
        known = None if one.subject in steps else memory.clocks.get(one.subject)
        if known or len(memory.clocks) < _MOST:
            memory.clocks[one.subject] = narrowed(known, one, seen.at)


def step_of(clocks: Mapping[str, ClockKnown], one: ClockSeen, at: float) -> float:
    """By how much a clock has stepped; 0 if it may not have."""
    known = clocks.get(one.subject)
    if known is None:
        return 0.0
    drift_s = DRIFT * abs(at - known.at)
    low, high = one.offset_s - one.uncertainty_s, one.offset_s + one.uncertainty_s
    gap = max(low - known.high_s, known.low_s - high) - drift_s
    return one.offset_s - (known.low_s + known.high_s) / 2 if gap > _LEAST_S else 0.0


def narrowed(known: ClockKnown | None, one: ClockSeen, at: float) -> ClockKnown:
    """Where the clock is by both; by the newer alone where they contradict each other by a trifle."""
    low, high = one.offset_s - one.uncertainty_s, one.offset_s + one.uncertainty_s
    if known is None:
        return ClockKnown(low, high, at)
    drift_s = DRIFT * abs(at - known.at)
    both = max(low, known.low_s - drift_s), min(high, known.high_s + drift_s)
    return ClockKnown(*both, at) if both[0] <= both[1] else ClockKnown(low, high, at)


def _together(steps: Mapping[str, float], clocks: Sequence[ClockSeen]) -> bool:
    """Whether all have stepped alike, two at least: then it is the one that they were compared with."""
    if len(steps) < 2 or len(steps) < len(clocks):
        return False
    slack_s = 2 * max(one.uncertainty_s for one in clocks) + _LEAST_S
    return max(steps.values()) - min(steps.values()) <= slack_s
