"""Is an early session still there at the end?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Reread, Severity, Trace, Verdicts, Visits, check


@check(severity=Severity.HIGH, role="loss")
def early_session_lost(visits: Visits) -> Verdicts:
    """A session that was kept at first is lost a little later.

    Neither a node nor a cookie changed in between: the store gave it up, or the node that held it did. What another
    node than before does not find, it may never have had. Where sessions are lost at once, age is no reason.
    Nor is it for a session that another node did not know in between: it may have led to a page that ends the session.
    """
    if any(map(_lost_at_once, visits.returning)):
        raise Inconclusive("sessions are lost immediately, so age says nothing")
    losing = any(trace.lost for trace in visits.returning)
    strayed = {exchange.session for trace in visits.without_affinity if trace.lost for exchange in trace.exchanges}
    read = [reread for reread in visits.rereads if reread.state == "kept" or _speaks(reread, strayed)]
    known = [reread for reread in read if reread.state == "kept" or _stayed(reread, losing=losing)]
    if not known:
        raise Inconclusive("no early session could be read again where it was")
    lost = [reread for reread in known if reread.state == "lost"]
    if lost:
        yield Problem(f"a session was gone after {lost[0].age_s:.0f} s without a reason")
    else:
        yield Fine(f"a session of {known[0].age_s:.0f} s is still there", power=0.5)


def _speaks(reread: Reread, strayed: set[str]) -> bool:
    """Whether it is known to be gone, and not after a look of our own that a node refused."""
    return reread.state == "lost" and reread.session not in strayed


def _stayed(reread: Reread, *, losing: bool) -> bool:
    """Whether the same node answered; where nodes are unknown, whether no client lost anything by chance before."""
    if reread.node_then and reread.node_now:
        return reread.node_then == reread.node_now
    return not losing


def _lost_at_once(trace: Trace) -> bool:
    """Whether the node that made a session did not know it at the first look."""
    looks = trace.exchanges[1:]
    return bool(looks) and looks[0].state == "lost" and trace.place(looks[0]) != "elsewhere"
