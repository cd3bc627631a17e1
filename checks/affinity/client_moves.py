"""Does the balancer keep a returning client on its node?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Topology,
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
    if not moved:
        yield Fine(
            "every returning client stayed on one node",
            seen={"strip": walks[0].strip()},
            power=_power(visits, topology),
        )
    elif mode == "unknown" and any(_kept_moving(walk) for walk in moved) and not any(walk.lost for walk in moved):
        yield Fine("clients move, and their state moves with them", seen={"strip": moved[0].strip()})
    else:
        longest = max(moved, key=lambda walk: len(set(walk.nodes)))
        yield Problem(
            f"one client was answered by {', '.join(sorted(set(longest.nodes)))}", seen={"strip": longest.strip()}
        )


def _power(visits: Visits, topology: Topology) -> float:
    """The chance that a balancer without affinity would have shown itself in the longest walk."""
    nodes = max(len(visits.nodes), len(topology.nodes), 2)
    longest = max(len(walk.nodes) for walk in visits.returning)
    return float(1 - (1 / nodes) ** (longest - 1))


def _kept_moving(walk: Walk) -> bool:
    return any(hop.state == "kept" for hop in walk.hops[1:])
