"""When clients have come back often enough: each further visit costs the site a request and the user time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.evidence.entry.odds import Sightings, is_kept, posterior

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.evidence.entry.visits import Exchange, Trace

_LOST = 2  # losses on a move: one may be chance
_KEPT = 6


def is_enough(traces: Sequence[Trace], fresh: Sequence[Exchange], pool: int, *, rare_ones: bool) -> bool:
    """Whether it is decided how the balancer chooses, and what becomes of the state.

    Args:
        traces: of returning clients so far.
        fresh: first responses to others.
        pool: how many nodes there are, as far as known.
        rare_ones: also rare moves are looked for, so that clients that stay and keep their state are no reason to end.
    """
    nodes = tuple(exchange.first for exchange in fresh if exchange.first)
    kept = is_kept(posterior(Sightings(tuple(trace.nodes for trace in traces), nodes, pool)))
    if kept is None:
        return False
    if sum(map(_lost_on_a_move, traces)) >= _LOST:
        return True
    return sum(map(_looks_kept, traces)) >= _KEPT and not (kept and rare_ones)


def _lost_on_a_move(trace: Trace) -> int:
    return len(trace.at("elsewhere", "lost"))


def _looks_kept(trace: Trace) -> int:
    return sum(exchange.state == "kept" for exchange in trace.exchanges[1:])
