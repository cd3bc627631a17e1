"""Does the state survive on the node that made it?"""

from sessiondoctor.api import Exchange, Fine, Inconclusive, Problem, Severity, Trace, Verdicts, Visits, check


@check(severity=Severity.CRITICAL, role="loss", shows="session-lost-at-home")
def state_lost_in_place(visits: Visits) -> Verdicts:
    """A returning client loses its state though the same node answers.

    No move between nodes explains it: the cookie did not come back, the write failed, or the session was thrown away.
    """
    judged = [
        trace for trace in visits.returning if any(exchange.state != "unknown" for exchange in trace.exchanges[1:])
    ]
    if not judged:
        raise Inconclusive("whether state survives cannot be seen; declare site.flow")
    for trace in judged:
        lost = _lost(trace)
        if lost:
            name = lost[0].node or "the site"
            seen = {"strip": trace.strip(), "loss": visits.loss.seen}
            yield Problem(f"{name} has forgotten a session that it made itself; {visits.loss}", seen=seen)
            return
    stayed = sum(
        exchange.state == "kept" and exchange.node == trace.exchanges[0].node
        for trace in judged
        for exchange in trace.exchanges[1:]
    )
    yield Fine("a node that made a session still knows it", power=1.0 if stayed else 0.0)


def _lost(trace: Trace) -> list[Exchange]:
    """Losses on the node of the first request; where nodes are unknown, only if no request ever kept the state.

    A node that does not know a session may hand out another one: what is lost after that proves nothing.
    """
    first, *later = trace.exchanges
    if not first.node:
        same = all(exchange.session == first.session for exchange in later[:-1])
        return later if same and later and all(exchange.state == "lost" for exchange in later) else []
    replaced = next((n for n, exchange in enumerate(later) if _replaced(exchange, first)), len(later))
    return [exchange for exchange in later[:replaced] if exchange.state == "lost" and exchange.node == first.node]


def _replaced(exchange: Exchange, first: Exchange) -> bool:
    return exchange.state == "lost" and exchange.node != first.node and exchange.session != first.session
