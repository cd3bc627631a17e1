"""Draws: the same from the same seed, possible all of them, and their faults are shown by a naive client."""

from __future__ import annotations

import pytest

from tests.lab.access import CHECKS
from tests.lab.draws.draw import Draw, drawn, seeds
from tests.lab.draws.edges import ALL_FAULTS
from tests.lab.draws.parts import KEEPING_BALANCERS, LOCAL, STACKS
from tests.lab.errors import LabError
from tests.lab.shapes import SHAPES

MANY = [drawn(seed) for seed in range(2000)]
FIRST = {(draw.fault.name if draw.fault else "healthy"): draw for draw in reversed(MANY)}


def test_a_seed_is_always_the_same_draw() -> None:
    """And another one than its neighbour's."""
    assert [drawn(seed) for seed in range(50)] == MANY[:50]
    assert len({draw.words.partition(": ")[2] for draw in MANY}) > 1500


def test_chance_leaves_nothing_out() -> None:
    """Every fault, stack and shape is drawn."""
    assert set(FIRST) == {fault.name for fault in ALL_FAULTS} | {"healthy"}
    assert {draw.stack for draw in MANY} == set(STACKS)
    assert {draw.shape for draw in MANY} == set(SHAPES)


def test_every_cause_has_a_page() -> None:
    """So that it can be named."""
    pages = {page.stem for page in CHECKS.glob("*/causes/*.md")}
    assert {cause for fault in ALL_FAULTS for cause in fault.causes} <= pages


@pytest.mark.parametrize("draw", MANY[:200], ids=lambda draw: str(draw.seed))
def test_a_draw_is_what_it_says(draw: Draw) -> None:
    """Clients are kept where sessions are local and that is not the fault; a fault is where it is said to be."""
    unshared = draw.fault is not None and draw.fault.name == "unshared"
    if draw.fault and draw.fault.edges:
        assert draw.balancer in draw.fault.balancers(draw.stack)
    elif draw.stack in LOCAL:
        assert (draw.balancer in KEEPING_BALANCERS) == (not unshared)
    if draw.fault:
        assert draw.stack in draw.fault.stacks
        assert draw.nodes >= draw.fault.least
        assert 0 < len(draw.faulty) <= draw.nodes
        assert (draw.place == "all") == (len(draw.faulty) == draw.nodes)


@pytest.mark.parametrize("text", ["", "a", "3-", "-3", "1-b"])
def test_a_wrong_range_of_seeds_is_said_to_be_one(text: str) -> None:
    """A single number is right, and two."""
    assert (list(seeds("7")), list(seeds("7-9"))) == ([7], [7, 8, 9])
    with pytest.raises(LabError, match="no range"):
        seeds(text)


@pytest.mark.thorough
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", sorted(FIRST))
def test_its_fault_shows(name: str) -> None:
    """To a naive client, as that no fault does where there is none."""
    draw = FIRST[name]
    with draw.scenario.running(SHAPES[draw.shape]) as (_, cluster):
        draw.scenario.prove(cluster)
