"""Does the balancer follow the cookie to the node that set it?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, check

ENOUGH = 3  # answers to one and the same cookie


@check(severity=Severity.HIGH)
def route_followed_elsewhere(visits: Visits, topology: Topology) -> Verdicts:
    """The session cookie of one node always routes to another node.

    Sends the cookies of a first response again and again, whatever is set later. A balancer without affinity spreads
    these requests; one that takes a route for another node's sends all of them to one wrong node.
    """
    if topology.mode() not in {"sticky", "unknown"}:
        raise NotApplicable(f"affinity is not expected in mode {topology.mode()}")
    nodes = visits.frozen.nodes if visits.frozen else ()
    if len(nodes) <= ENOUGH:
        raise Inconclusive("nothing tells which node answered a client that keeps to its first cookies")
    made, *answered = nodes
    if made in answered or len(set(answered)) > 1:
        yield Fine("no single other node answers")
        return
    known = max(len(visits.nodes), 2)
    yield Problem(
        f"the session cookie set by {made} always routes to {answered[0]}",
        where=(made, answered[0]),
        seen={"client": visits.client(visits.frozen)},
        chance=(1 / known) ** (len(answered) - 1),
    )
