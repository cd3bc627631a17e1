from __future__ import annotations

import pytest

from sessiondoctor.evidence.entry.visits import Exchange, State, Trace
from sessiondoctor.probes.entry.stopping import is_enough

STATES: dict[str, State] = {"k": "kept", "l": "lost", "?": "unknown"}


def trace(nodes: str, states: str) -> Trace:
    """`trace("ABA", "klk")`."""
    pairs = zip(nodes, states, strict=True)
    return Trace(tuple(Exchange(float(n), node, state=STATES[state]) for n, (node, state) in enumerate(pairs)))


KEPT = (trace("A" * 9, "k" * 9), trace("B" * 9, "k" * 9))
MOVING = (trace("ABABABAB", "kkkkkkkk"),)
LOSING = (trace("ABABABAB", "klklklkl"),)
FORGETTING = (trace("A" * 9, "kllllllll"), trace("B" * 9, "kllllllll"))
UNSEEN = (trace("ABABABAB", "????????"),)
ONCE = (trace("ABABABAB", "kl??????"),)
SHORT = (trace("AAAA", "kkkk"), trace("BBBB", "kkkk"))
FRESH = tuple(Exchange(0.0, node) for node in "ABAB")


@pytest.mark.parametrize(
    ("traces", "usual", "rare"),
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
def test_when_clients_need_not_come_back(traces: tuple[Trace, ...], usual: bool, rare: bool) -> None:  # noqa: FBT001 - columns
    """Only once it is known how nodes are chosen and what becomes of the state."""
    assert is_enough(traces, FRESH, 2, rare_ones=False) is usual
    assert is_enough(traces, FRESH, 2, rare_ones=True) is rare
