"""Everything that reads what others wrote, over mutated real inputs: one kind of exception, time linear in the input.

A small run here; `python -m tests.mutations SECONDS` is the large one, and prints a table.
"""

from __future__ import annotations

import random

import pytest

from tests.mutations.decoders import TARGETS as DECODERS
from tests.mutations.documents import TARGETS as DOCUMENTS
from tests.mutations.files import TARGETS as FILES
from tests.mutations.mutator import mutated

TARGETS = {**DECODERS, **DOCUMENTS, **FILES}
COUNT = 100


def test_every_reader_of_configuration_has_a_seed() -> None:
    """Nothing but its format makes a reader look closely."""
    assert [name for name, target in TARGETS.items() if not target.seeds] == []


@pytest.mark.parametrize("name", TARGETS)
def test_a_mutated_input_is_read_or_refused(name: str) -> None:
    """Nothing but a refusal is raised; none takes longer than its length allows."""
    target = TARGETS[name]
    chance = random.Random(name)
    assert max(target.took(mutated(chance.choice(target.seeds), chance)) for _ in range(COUNT)) < 0.5


@pytest.mark.parametrize("name", TARGETS)
def test_the_time_is_linear(name: str) -> None:
    """Sixteen times as much of the same takes less than sixty times as long."""
    target = TARGETS[name]
    seed = target.seeds[0]
    few, many = (min(target.took(seed * times) for _ in range(3)) for times in (20, 320))
    assert many < max(60 * few, 0.05)
