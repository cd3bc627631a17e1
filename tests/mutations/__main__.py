"""The large run: `python -m tests.mutations SECONDS [SEED] [NAME...]`: each for so long, a million inputs at most.

Prints a line a target: how many inputs, the slowest, and what was raised that is no refusal, with the input.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter

from tests.mutations.mutator import Target, mutated
from tests.mutations.test_mutations import TARGETS

MOST = 1_000_000


def run(target: Target, seconds: float, chance: random.Random) -> tuple[int, float, Counter[str]]:
    """How many inputs, the seconds of the slowest, and what was raised."""
    raised: Counter[str] = Counter()
    slowest, count, until = 0.0, 0, time.monotonic() + seconds
    while count < MOST and time.monotonic() < until:
        data = mutated(chance.choice(target.seeds), chance)
        count += 1
        try:
            slowest = max(slowest, target.took(data))
        except Exception as error:  # noqa: BLE001 - this is what is looked for
            name = f"{type(error).__name__}: {str(error)[:100]}"
            if name not in raised:
                sys.stdout.write(f"    {name}\n    {data!r}\n")
            raised[name] += 1
    return count, slowest, raised


if __name__ == "__main__":
    seconds, seed, *names = sys.argv[1:] + ["10", "0"][len(sys.argv[1:]) :]
    for name in names or TARGETS:
        count, slowest, raised = run(TARGETS[name], float(seconds), random.Random(f"{seed} {name}"))
        sys.stdout.write(
            f"{name:24} {count:9} inputs, slowest {slowest * 1e3:7.1f} ms, {sum(raised.values())} faults\n"
        )
        sys.stdout.flush()
