"""How far a server's clock is from ours, read from the Date header, which has whole seconds only.

A response says that at some moment between sending and answering the server's clock read D to D + 1: an interval of
possible offsets. Each further request is aimed at the moment when the server's second should turn, given what is
known so far; where the turn is seen to lie narrows the interval. Twenty requests come to a few milliseconds plus half
a round trip.

Some servers write a Date that a timer refreshes once a second (uvicorn): it is up to 1.05 s old, and nothing in
the responses tells by how much.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

REQUESTS = 20
"""The most requests that one measurement takes."""

STALE_S = 1.1
"""Seconds that a Date may be old on a server that refreshes it by a timer."""

_SECONDS = 3.0
_EACH_TURN = 9  # requests aimed at one turn of the second, evenly spread over where it may be
_CLOSE_ENOUGH_S = 0.004
_JITTER_S = 0.005  # what servers take between reading the clock and writing the header
_CONTRADICTION_S = 0.02


@dataclass(frozen=True, slots=True)
class Sighting:
    """A Date, in whole unix seconds, and our clock just before the request and just after the response."""

    date: int
    sent_at: float
    answered_at: float

    @property
    def round_trip_s(self) -> float:
        """From request to response."""
        return self.answered_at - self.sent_at


@dataclass(frozen=True, slots=True)
class Bounds:
    """The server's clock minus ours lies between `low` and `high`, in seconds."""

    low: float
    high: float

    @property
    def contradictory(self) -> bool:
        """No clock that is read anew for each response can have answered so."""
        return self.low - self.high > _CONTRADICTION_S

    @property
    def offset_s(self) -> float:
        """The middle."""
        return (self.low + self.high) / 2

    @property
    def uncertainty_s(self) -> float:
        """How far from the middle the truth may be."""
        return abs(self.high - self.low) / 2 + _JITTER_S


def bounds(sightings: Sequence[Sighting], stale_s: float = 0.0) -> Bounds:
    """What all sightings together allow, if a Date may be up to `stale_s` old."""
    return Bounds(
        low=max(seen.date - seen.answered_at for seen in sightings),
        high=min(seen.date + 1 + stale_s - seen.sent_at for seen in sightings),
    )


def offset(sightings: Sequence[Sighting], *, by_timer: bool = False) -> tuple[float, float]:
    """The offset of the server's clock and its uncertainty, in seconds.

    Args:
        sightings: at least one.
        by_timer: the server is known to refresh its Date by a timer; else only contradictions tell.
    """
    exact = bounds(sightings)
    if not (by_timer or exact.contradictory):
        return exact.offset_s, exact.uncertainty_s
    wide = bounds(sightings, STALE_S)
    return wide.offset_s, max(STALE_S, wide.uncertainty_s)


async def sightings(
    ask: Callable[[], Awaitable[Sighting]],
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> list[Sighting]:
    """Asks at most `REQUESTS` times within about three seconds, each time when the answer tells most."""
    end = clock() + _SECONDS
    seen = [await ask()]
    turn = _Turn()
    while len(seen) < REQUESTS and not _settled(seen):
        send_at = turn.next_aim(bounds(seen), clock(), min(one.round_trip_s for one in seen) / 2)
        if send_at > end:
            break
        await sleep(max(0.0, send_at - clock()))
        seen.append(await ask())
    return seen


def _settled(seen: Sequence[Sighting]) -> bool:
    known = bounds(seen)
    fastest = min(one.round_trip_s for one in seen)
    return known.contradictory or known.high - known.low < 2 * max(_CLOSE_ENOUGH_S, fastest)


@dataclass(slots=True)
class _Turn:
    """The turn of the server's second that requests are aimed at; `left` of them remain for it."""

    second: int = 0
    left: int = 0

    def next_aim(self, known: Bounds, now: float, lag_s: float) -> float:
        """When to send the next request, by our clock, so that it arrives at the server `lag_s` later."""
        cross_site_visit = now + lag_s
        current = int((cross_site_visit + known.low) // 1) + 1  # the first second whose turn may still be to come
        if current != self.second or not self.left:
            self.second = max(current, self.second + 1) if self.second else current
            self.left = _EACH_TURN
        start = max(cross_site_visit, self.second - known.high)
        width = max(0.0, self.second - known.low - start)
        aim = start + width / (self.left + 1)
        self.left -= 1
        return aim - lag_s
