"""When clients have come back often enough: each further visit costs the site a request and the user time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.evidence.entry.odds import Sightings, is_kept, posterior

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.evidence.entry.visits import Hop, Walk

_LOST = 2  # losses on a move: one may be chance
_KEPT = 6


def is_enough(walks: Sequence[Walk], fresh: Sequence[Hop], pool: int, *, rare_ones: bool) -> bool:
    """Whether it is decided how the balancer chooses, and what becomes of the state.

    Args:
        walks: of returning clients so far.
        fresh: first responses to others.
        pool: how many nodes there are, as far as known.
        rare_ones: also rare moves are looked for, so that clients that stay and keep their state are no reason to end.
    """
    nodes = tuple(hop.node for hop in fresh if hop.node)
    kept = is_kept(posterior(Sightings(tuple(walk.nodes for walk in walks), nodes, pool)))
    if kept is None:
        return False
    if sum(map(_lost_on_a_move, walks)) >= _LOST:
        return True
    return sum(map(_looks_kept, walks)) >= _KEPT and not (kept and rare_ones)


def _lost_on_a_move(walk: Walk) -> int:
    home = walk.nodes[0] if walk.nodes else ""
    return sum(hop.state == "lost" and hop.node not in {"", home} for hop in walk.hops[1:])


def _looks_kept(walk: Walk) -> int:
    return sum(hop.state == "kept" for hop in walk.hops[1:])
