"""Evidence for checks of how sessions are stored."""

from __future__ import annotations

from tests.checks.build import NODES

ONE, TWO = {"Cart": 1, "java.util.ArrayList": 7}, {"Cart": 2, "java.util.ArrayList": 7}


def fates(fate: str) -> dict[str, dict[str, str]]:
    """What every other node did to the id of a session."""
    return {f"{made} {read}": {"id_fate": fate} for made in NODES for read in NODES if made != read}
