"""Clock offsets from whole seconds: accurate, honest about uncertainty, few requests."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from math import floor

import pytest

from sessiondoctor.probes.network.date_edge import REQUESTS, STALE_S, Sighting, offset, sightings

RUNS = 60


@dataclass(slots=True)
class World:
    """A server whose clock is `ahead_s` of ours, over a network with random delays; time passes as it is used up.

    `tick_s`: its Date is refreshed by a timer of this period.
    """

    ahead_s: float
    round_trip_s: float
    seed: int
    tick_s: float = 0.0
    now: float = 0.0
    requests: int = 0
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.now = 1_700_000_000 + self.rng.random()

    def clock(self) -> float:
        """Our clock."""
        return self.now

    async def sleep(self, seconds: float) -> None:
        """Passes the time, a little longer than asked for."""
        self.now += seconds + self.rng.random() * 0.001

    async def ask(self) -> Sighting:
        """One request: the server reads its clock somewhere on the way."""
        self.requests += 1
        trip = self.round_trip_s * (0.5 + self.rng.random())
        sent_at, server = self.now, self.now + trip * self.rng.random() + self.ahead_s
        if self.tick_s:
            server -= server % self.tick_s
        self.now += trip
        return Sighting(floor(server), sent_at, self.now)


def measured(world: World, *, by_timer: bool = False) -> tuple[float, float, float]:
    """Offset, uncertainty and seconds that a measurement takes."""
    began = world.now
    seen = asyncio.run(sightings(world.ask, clock=world.clock, sleep=world.sleep))
    return (*offset(seen, by_timer=by_timer), world.now - began)


@pytest.mark.parametrize(
    ("ahead_s", "round_trip_s", "claim_s"),
    [
        (0.0, 0.001, 0.05),
        (5.37, 0.001, 0.05),
        (-90.77, 0.03, 0.1),
        (0.4, 0.15, 0.3),
        (7200.0, 0.01, 0.05),
        (-0.5, 0.5, 1.0),
    ],
)
def test_truth_lies_within_the_claim(ahead_s: float, round_trip_s: float, claim_s: float) -> None:
    """Whatever offset and network: the claim holds, is narrow, and takes nine requests and about three seconds."""
    for seed in range(RUNS):
        world = World(ahead_s, round_trip_s, seed)
        found, uncertainty, took = measured(world)
        assert abs(found - ahead_s) <= uncertainty <= claim_s
        assert world.requests <= REQUESTS
        assert took <= 3 + 2 * round_trip_s


def test_an_accuracy_worth_having() -> None:
    """On a fast network the median error is a few milliseconds, not half a second."""
    errors = sorted(abs(measured(World(1.5, 0.001, seed))[0] - 1.5) for seed in range(RUNS))
    assert errors[RUNS // 2] < 0.01


def test_a_date_by_a_timer_claims_no_less_than_its_age() -> None:
    """A server known to refresh its Date once a second is up to 1.05 s behind itself."""
    for seed in range(RUNS):
        found, uncertainty, _ = measured(World(0.0, 0.001, seed, tick_s=1.003), by_timer=True)
        assert uncertainty >= STALE_S
        assert abs(found) <= uncertainty


def test_contradictions_widen_the_claim() -> None:
    """Dates that no clock read anew gives are recognised without knowing the server."""
    seen = [Sighting(100, 100.1, 100.11), Sighting(100, 101.5, 101.51)]
    found, uncertainty = offset(seen)
    assert uncertainty >= STALE_S
    assert abs(found) <= uncertainty


def test_one_sighting_is_worth_a_second() -> None:
    """With a single response the offset is known to half a second."""
    found, uncertainty = offset([Sighting(1000, 990.0, 990.1)])
    assert found == pytest.approx(10.45)
    assert uncertainty == pytest.approx(0.555)
