"""Does the state survive on the node that made it?"""

from sessiondoctor.api import Fine, Hop, Inconclusive, Problem, Severity, Verdicts, Visits, Walk, check


@check(severity=Severity.CRITICAL, role="loss", shows="session-lost-at-home")
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
    """Losses on the node of the first request; where nodes are unknown, only if no request ever kept the state.

    A node that does not know a session may hand out another one: what is lost after that proves nothing.
    """
    first, *later = walk.hops
    if not first.node:
        same = all(hop.session == first.session for hop in later[:-1])
        return later if same and later and all(hop.state == "lost" for hop in later) else []
    replaced = next((n for n, hop in enumerate(later) if _replaced(hop, first)), len(later))
    return [hop for hop in later[:replaced] if hop.state == "lost" and hop.node == first.node]


def _replaced(hop: Hop, first: Hop) -> bool:
    return hop.state == "lost" and hop.node != first.node and hop.session != first.session
