"""Does the state survive on the node that made it?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.CRITICAL, role="loss", shows="session-lost-at-home")
def state_lost_in_place(visits: Visits) -> Verdicts:
    """A returning client loses its state though the same node answers.

    No move between nodes explains it: the cookie did not come back, the write failed, or the session was thrown away.
    It counts only where responses name the node that set the session's cookie and the one that lost the state.
    """
    if not any(trace.at("home", "kept") or trace.at("home", "lost") for trace in visits.returning):
        raise Inconclusive("no request is known to have come back to the node that made its session")
    for trace in visits.returning:
        if trace.at("home", "lost"):
            seen = {"client": visits.client(trace), "loss": visits.loss.seen}
            yield Problem(f"{trace.home} has forgotten a session that it made itself; {visits.loss}", seen=seen)
            return
    stayed = sum(len(trace.at("home", "kept")) for trace in visits.returning)
    yield Fine(f"a node that made a session still knows it ({stayed} requests)")
