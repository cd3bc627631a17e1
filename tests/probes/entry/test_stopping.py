from __future__ import annotations

import pytest

from sessiondoctor.evidence.entry.visits import Hop, State, Walk
from sessiondoctor.probes.entry.stopping import is_enough

STATES: dict[str, State] = {"k": "kept", "l": "lost", "?": "unknown"}


def walk(nodes: str, states: str) -> Walk:
    """`walk("ABA", "klk")`."""
    pairs = zip(nodes, states, strict=True)
    return Walk(tuple(Hop(float(n), node, state=STATES[state]) for n, (node, state) in enumerate(pairs)))


KEPT = (walk("A" * 9, "k" * 9), walk("B" * 9, "k" * 9))
MOVING = (walk("ABABABAB", "kkkkkkkk"),)
LOSING = (walk("ABABABAB", "klklklkl"),)
FORGETTING = (walk("A" * 9, "kllllllll"), walk("B" * 9, "kllllllll"))
UNSEEN = (walk("ABABABAB", "????????"),)
ONCE = (walk("ABABABAB", "kl??????"),)
SHORT = (walk("AAAA", "kkkk"), walk("BBBB", "kkkk"))
FRESH = tuple(Hop(0.0, node) for node in "ABAB")


@pytest.mark.parametrize(
    ("walks", "usual", "rare"),
    [
        (KEPT, True, False),
        (MOVING, True, True),
        (LOSING, True, True),
        (FORGETTING, False, False),
        (UNSEEN, False, False),
        (ONCE, False, False),
        (SHORT, False, False),
        ((), False, False),
    ],
)
def test_when_clients_need_not_come_back(walks: tuple[Walk, ...], usual: bool, rare: bool) -> None:  # noqa: FBT001 - columns
    """Only once it is known how nodes are chosen and what becomes of the state."""
    assert is_enough(walks, FRESH, 2, rare_ones=False) is usual
    assert is_enough(walks, FRESH, 2, rare_ones=True) is rare
