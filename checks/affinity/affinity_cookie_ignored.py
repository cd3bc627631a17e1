"""Does the balancer follow the affinity cookie that it gets back?"""

from sessiondoctor.api import Fine, Hop, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, check


@check(severity=Severity.HIGH)
def affinity_cookie_ignored(visits: Visits, topology: Topology) -> Verdicts:
    """A client returned its affinity cookie or route, and another node answered.

    The balancer does not know the value, the node it names is down, or nothing is configured to follow it.
    """
    if topology.mode() not in {"sticky", "unknown"}:
        raise NotApplicable(f"mode {topology.mode()} promises no affinity")
    returned = [c.name for c in visits.cookies if c.name in visits.affinity_cookies and not (c.refused or c.withheld)]
    if not returned:
        raise NotApplicable("no affinity cookie or route was seen and returned")
    names = ", ".join(returned)
    for walk in visits.returning:
        for before, after in zip(walk.hops, walk.hops[1:], strict=False):
            if before.node and after.node and before.node != after.node and _same_cookie(after, returned):
                nodes = f"{before.node} answered first, then {after.node}"
                yield Problem(f"{names} was returned unchanged: {nodes}", seen={"strip": walk.strip()})
                return
    yield Fine(f"{names} is followed")


def _same_cookie(hop: Hop, names: list[str]) -> bool:
    """Whether the response left the cookie as it was; a lost session makes a new one, which comes after the move."""
    return hop.state == "lost" or not set(hop.set_cookies) & set(names)
