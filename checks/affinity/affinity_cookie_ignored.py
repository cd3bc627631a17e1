"""Does the balancer follow the affinity cookie that it gets back?"""

from sessiondoctor.api import Fine, Hop, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, Walk, check


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
    ignored = [(walk, *pair) for walk in visits.returning for pair in _moves(walk, returned)]
    if not ignored:
        moved = any(walk.moved for walk in visits.returning)
        yield Fine(f"{names} is followed", power=1.0 if moved else visits.power)
        return
    walk, before, after = ignored[0]
    yield Problem(
        f"{names} was returned unchanged: {before.node} answered first, then {after.node}",
        seen={"strip": walk.strip(), "moves": len(ignored), "steps": visits.steps, "loss": visits.loss.seen},
        chance=visits.chance_if_kept(len(ignored)),
    )


def _moves(walk: Walk, names: list[str]) -> list[tuple[Hop, Hop]]:
    """Moves of a client that returned its cookie."""
    pairs = zip(walk.hops, walk.hops[1:], strict=False)
    return [(a, b) for a, b in pairs if a.node and b.node and a.node != b.node and _same_cookie(b, names)]


def _same_cookie(hop: Hop, names: list[str]) -> bool:
    """Whether the response left the cookie as it was; a lost session makes a new one, which comes after the move."""
    return hop.state == "lost" or not set(hop.set_cookies) & set(names)
