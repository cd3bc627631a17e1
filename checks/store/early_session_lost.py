"""Is an early session still there at the end?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Reread, Severity, Trace, Verdicts, Visits, check


@check(severity=Severity.HIGH, role="loss")
def early_session_lost(visits: Visits) -> Verdicts:
    """A session that was kept at first is gone at the end of the visits.

    Neither a node nor a cookie changed in between: the store gave it up, or the node that held it did. What another
    node than before does not find, it may never have had. Where sessions are lost at once, age is no reason.
    """
    if any(map(_lost_at_once, visits.returning)):
        raise Inconclusive("sessions are lost at once, too")
    read = [reread for reread in visits.rereads if reread.state != "unknown"]
    known = [reread for reread in read if reread.state == "kept" or not _moved(reread)]
    if not known:
        raise Inconclusive("no early session could be read again where it was")
    lost = [reread for reread in known if reread.state == "lost"]
    if lost:
        yield Problem(f"a session was gone after {lost[0].age_s:.0f} s without a reason")
    else:
        yield Fine(f"a session of {known[0].age_s:.0f} s is still there", power=0.5)


def _moved(reread: Reread) -> bool:
    return bool(reread.node_then and reread.node_now) and reread.node_then != reread.node_now


def _lost_at_once(trace: Trace) -> bool:
    """Whether the node that made a session did not know it at the first look."""
    made, *looks = trace.exchanges
    return bool(looks) and looks[0].state == "lost" and looks[0].node == made.node
