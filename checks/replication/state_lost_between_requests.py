"""Is what a client writes still there at a later request, where nothing tells which node answered?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Trace, Verdicts, Visits, check


@check(severity=Severity.HIGH, role="loss")
def state_lost_between_requests(visits: Visits) -> Verdicts:
    """A returning client loses its state; which node answered is unknown.

    The loss is a fact. Whether the client was moved to a node that does not know its session, or the session is gone on
    its own node, cannot be seen here: nodes that share nothing, keys that differ and stores that lose sessions alike
    look like this. Where responses name their nodes, other checks say which it is.
    """
    if any(trace.at(place, "lost") for trace in visits.returning for place in ("home", "elsewhere")):
        raise NotApplicable("it is known which node lost the state")
    losing = [trace for trace in visits.returning if _lost(trace)]
    if losing:
        seen = {"client": visits.client(losing[0]), "loss": visits.loss.seen}
        yield Problem(f"a returning client lost its state, on which node is not known; {visits.loss}", seen=seen)
        return
    kept = sum(exchange.state == "kept" for trace in visits.returning for exchange in trace.exchanges[1:])
    if not kept:
        raise Inconclusive("whether state survives cannot be seen; declare site.flow")
    yield Fine(f"state was still there at {kept} later requests", seen={"loss": visits.loss.seen})


def _lost(trace: Trace) -> bool:
    """Any loss, also one after the session was replaced by nobody knows whom."""
    return any(exchange.state == "lost" for exchange in trace.exchanges[1:])
