"""Does the balancer keep a returning client on its node?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    Visits,
    Walk,
    check,
)

PROMISED = {"sticky", "unknown"}


@check(severity=Severity.HIGH)
def client_moves(visits: Visits, topology: Topology) -> Verdicts:
    """A returning client is answered by several nodes.

    Where sessions live in the nodes, the balancer must send a client back to the node that knows it. Where they are
    shared, moving is harmless and this does not apply.
    """
    mode = topology.mode()
    if mode not in PROMISED:
        raise NotApplicable(f"mode {mode} promises no affinity")
    walks = [walk for walk in visits.returning if len(walk.nodes) > 1]
    if not walks:
        raise Inconclusive("nothing tells which node answered; declare site.flow.node or node URLs")
    moved = [walk for walk in walks if walk.moved]
    if moved:
        yield _moving(mode, max(moved, key=lambda walk: len(set(walk.nodes))), visits)
    else:
        yield Fine("every returning client stayed on one node", seen=_seen(walks[0], visits), power=visits.power)


def _moving(mode: str, walk: Walk, visits: Visits) -> Problem | Fine | Unknown:
    """Moving breaks what mode sticky promises; where nothing is declared, it depends on what was lost."""
    nodes, seen = ", ".join(sorted(set(walk.nodes))), _seen(walk, visits)
    if mode == "sticky" or any(other.lost for other in visits.returning):
        chance = visits.chance_if_kept(visits.moves)
        return Problem(f"one client was answered by {nodes}", seen=seen, chance=chance)
    if any(_kept(other) for other in visits.returning if other.moved):
        return Fine("clients move, and their state moves with them", seen=seen)
    return Unknown(
        f"clients move between {nodes}; whether that loses state cannot be seen: declare site.flow", seen=seen
    )


def _seen(walk: Walk, visits: Visits) -> dict[str, object]:
    odds = {model: round(probability, 3) for model, probability in visits.odds.items()}
    return {"strip": walk.strip(), "odds": odds, "moves": visits.moves, "steps": visits.steps, "loss": visits.loss.seen}


def _kept(walk: Walk) -> bool:
    return any(hop.state == "kept" for hop in walk.hops[1:])
