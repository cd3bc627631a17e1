"""Is a lost state there again at a later request?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Trace,
    Verdicts,
    Visits,
    check,
    processes_that_fit,
)

ENOUGH = 4  # requests with one session: of three nodes in turn one knows it


@check(severity=Severity.HIGH)
def state_comes_and_goes(visits: Visits, topology: Topology) -> Verdicts:
    """One session is known at some requests and unknown at others.

    So it is not gone, and the cookie does come back: those who answer do not all know the session. Several nodes or
    worker processes keep their sessions apart, or read from copies that differ. A client that keeps to the cookies of
    its first response shows it even where a node that does not know a session replaces it. Where so many processes as
    are declared (nodes, and `workers` of each) would lose sessions as often, if they shared nothing, that is said.
    """
    if not any(trace.lost for trace in _all(visits)):
        raise NotApplicable("no state was lost")
    flapping = [trace for trace in _all(visits) if trace.comes_and_goes]
    if flapping:
        trace = flapping[0]
        told = [exchange.state for exchange in trace.exchanges[1:] if exchange.original]
        text = f"the state of one session was there at {told.count('kept')} of {len(told)} requests, on and off"
        fits, count = _fits(visits), topology.processes
        text += f", as {count} processes that share nothing would lose it" if count in fits else ""
        seen = {"client": visits.client(trace), "loss": visits.loss.seen, "fits_processes": [*fits]}
        yield Problem(f"{text}; {visits.loss}", seen=seen)
        return
    longest = max(map(_looked, _all(visits)), default=0)
    if longest < ENOUGH:
        raise Inconclusive("no client came back often enough with one and the same session")
    yield Fine("no state that was lost was there again, and lost again", power=0.5)


def _all(visits: Visits) -> tuple[Trace, ...]:
    others = (trace for trace in (visits.frozen, visits.kept_alive) if trace)
    return (*visits.returning, *others)


def _fits(visits: Visits) -> range:
    """How many processes that share nothing would lose sessions as often as these clients did."""
    states = [one.state for trace in _all(visits) for one in trace.exchanges[1:] if one.original]
    return processes_that_fit(states.count("kept"), states.count("kept") + states.count("lost"))


def _looked(trace: Trace) -> int:
    return sum(exchange.original and exchange.state != "unknown" for exchange in trace.exchanges[1:])
