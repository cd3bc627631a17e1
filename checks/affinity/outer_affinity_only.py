"""Does affinity reach the balancer that picks the node?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Replay,
    Severity,
    Topology,
    Verdicts,
    Visits,
    check,
    named,
)

LAYERS = 2


@check(severity=Severity.HIGH)
def outer_affinity_only(visits: Visits, replay: Replay | None, topology: Topology) -> Verdicts:
    """An outer balancer keeps clients, and an inner one does not.

    With several balancers in a row the outer one binds a client to an inner balancer, not to a node. A cookie of no
    known name is a balancer's if it comes with the site's answer to a write, and with no node's.
    """
    if topology.mode() not in {"sticky", "unknown"}:
        raise NotApplicable(f"affinity is not expected in mode {topology.mode()}")
    layered = any(balancer.behind for balancer in topology.load_balancers) or len(visits.affinity_cookies) >= LAYERS
    if not layered:
        raise NotApplicable("one balancer only: none is declared behind another")
    of_balancers = _set_by_no_node(visits, replay) if replay else set()
    binding = [c for c in visits.cookies if c.role == "affinity" or (c.role == "other" and c.name in of_balancers)]
    kept = [c.name for c in binding if not (c.unsent or c.node)]
    if not kept:
        yield Fine("no affinity cookie of an outer balancer is seen", power=0.5)
        return
    traces = [trace for trace in visits.returning if len(trace.nodes) > 1]
    if not traces:
        raise Inconclusive("nothing tells which node answered")
    moved = next((trace for trace in traces if trace.moved), None)
    if moved:
        answering = named(sorted(set(moved.nodes)), "answers", "answer")
        yield Problem(f"the client returns {', '.join(kept)}, and still {answering}",
                      where=_inner(topology), seen={"client": visits.client(moved)})  # fmt: skip
    else:
        yield Fine("clients that return it stay on their node")


def _set_by_no_node(visits: Visits, replay: Replay) -> set[str]:
    """Names of the cookies that come with the answer to a write through the site, and with no node's own answer."""
    if replay.way == "steered" or not all(visit.session_cookie for visit in replay.visits):
        return set()
    through = {name for trace in visits.returning for name in trace.exchanges[0].set_cookies}
    return through - {cookie.name for visit in replay.visits for cookie in visit.cookies}


def _inner(topology: Topology) -> tuple[str, ...]:
    return tuple(balancer.name for balancer in topology.load_balancers if balancer.behind)
