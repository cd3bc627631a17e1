"""Does the state survive on the node that made it?"""

from sessiondoctor.api import Fine, Hop, Inconclusive, Problem, Severity, Verdicts, Visits, Walk, check


@check(severity=Severity.CRITICAL, role="loss")
def state_lost_in_place(visits: Visits) -> Verdicts:
    """A returning client loses its state though the same node answers.

    No move between nodes explains it: the cookie did not come back, the write failed, or the session was thrown away.
    """
    judged = [walk for walk in visits.returning if any(hop.state != "unknown" for hop in walk.hops[1:])]
    if not judged:
        raise Inconclusive("whether state survives cannot be seen; declare site.flow")
    for walk in judged:
        lost = _lost(walk)
        if lost:
            name = lost[0].node or "the site"
            seen = {"strip": walk.strip(), "loss": visits.loss.seen}
            yield Problem(f"{name} has forgotten a session that it made itself; {visits.loss}", seen=seen)
            return
    stayed = sum(hop.state == "kept" and hop.node == walk.hops[0].node for walk in judged for hop in walk.hops[1:])
    yield Fine("a node that made a session still knows it", power=1.0 if stayed else 0.0)


def _lost(walk: Walk) -> list[Hop]:
    """Losses on the node of the first request; where nodes are unknown, only if no request ever kept the state."""
    first = walk.hops[0].node
    if not first:
        later = walk.hops[1:]
        return list(later) if later and all(hop.state == "lost" for hop in later) else []
    return [hop for hop in walk.hops[1:] if hop.state == "lost" and hop.node == first]
