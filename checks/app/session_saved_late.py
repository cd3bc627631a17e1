"""Is what a request wrote there for the request that follows at once?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, SameNode, Severity, Verdicts, check


@check(severity=Severity.HIGH, role="loss")
def session_saved_late(same_node: SameNode) -> Verdicts:
    """A read right after the write misses what is there later.

    Both go to one node over one connection, so that no other node and no balancer is involved. The response, mostly a
    redirect, is sent before the session is in the store, and the browser is faster than the store.
    """
    if not same_node.called_for:
        raise NotApplicable("no state was lost anywhere")
    if same_node.undecided:
        raise Inconclusive(f"{', '.join(same_node.undecided)} knows sessions at some requests only")
    told = [tried for tried in same_node.tries if "lost" in {tried.at_once, tried.later} or tried.at_once == "kept"]
    if not told:
        raise Inconclusive("no session was read right after it was written")
    late = [tried for tried in told if (tried.at_once, tried.later) == ("lost", "kept")]
    if late:
        text = f"{len(late)} of {len(told)} reads right after a write missed what half a second later was there"
        yield Problem(f"{text}, on {same_node.node} alone", where=(same_node.node,))
    elif any(tried.at_once == "kept" for tried in told):
        yield Fine(f"what is written is there at once ({len(told)} tries)")
    else:
        raise Inconclusive("what is written is not there later either")
