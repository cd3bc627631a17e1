"""Does the balancer follow the affinity cookie that it gets back?"""

from sessiondoctor.api import Exchange, Fine, NotApplicable, Problem, Severity, Topology, Trace, Verdicts, Visits, check


@check(severity=Severity.HIGH)
def affinity_cookie_ignored(visits: Visits, topology: Topology) -> Verdicts:
    """A client returned its affinity cookie or route, and another node answered.

    The balancer does not know the value, the node it names is down, or nothing is configured to follow it.
    """
    if topology.mode() not in {"sticky", "unknown"}:
        raise NotApplicable(f"affinity is not expected in mode {topology.mode()}")
    returned = [c.name for c in visits.cookies if c.name in visits.affinity_cookies and not c.unsent]
    if not returned:
        raise NotApplicable("no affinity cookie or route was seen and returned")
    names = ", ".join(returned)
    ignored = [(trace, *pair) for trace in visits.returning for pair in _moves(trace, returned)]
    if not ignored:
        moved = any(trace.moved for trace in visits.returning)
        yield Fine(f"{names} is followed", power=1.0 if moved else visits.power)
        return
    trace, before, after = ignored[0]
    yield Problem(
        f"{names} was returned unchanged: {before.node} answered first, then {after.node}",
        seen={"client": visits.client(trace), "moves": len(ignored), "steps": visits.steps, "loss": visits.loss.seen},
        chance=visits.chance_if_kept(len(ignored)),
    )


def _moves(trace: Trace, names: list[str]) -> list[tuple[Exchange, Exchange]]:
    """Moves of a client that returned its cookie."""
    pairs = zip(trace.exchanges, trace.exchanges[1:], strict=False)
    return [(a, b) for a, b in pairs if a.node and b.node and a.node != b.node and _same_cookie(b, names)]


def _same_cookie(exchange: Exchange, names: list[str]) -> bool:
    """Whether the response left the cookie as it was; a lost session makes a new one, which comes after the move."""
    return exchange.state == "lost" or not set(exchange.set_cookies) & set(names)
