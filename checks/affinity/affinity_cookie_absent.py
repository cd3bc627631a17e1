"""Does the balancer issue an affinity cookie at all?"""

from sessiondoctor.api import EntryReplay, Fine, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, check


@check(severity=Severity.HIGH)
def affinity_cookie_absent(visits: Visits, topology: Topology, entry: EntryReplay | None) -> Verdicts:
    """Clients move between nodes and no balancer set an affinity cookie.

    A route inside the session cookie is the application's doing; it keeps a client on its node only if a balancer
    follows it, so that it does not count here.
    """
    if topology.mode() not in {"sticky", "unknown"}:
        raise NotApplicable(f"affinity is not expected in mode {topology.mode()}")
    if len(topology.nodes) == 1:
        raise NotApplicable("one node is declared: there is no other to move to")
    if visits.session_cookie and visits.session_cookie.unsent:
        raise NotApplicable("a browser does not send the session cookie back, so that no node can know the client")
    cookies = [cookie.name for cookie in visits.cookies if cookie.role == "affinity"]
    if cookies:
        yield Fine(f"an affinity cookie is set: {', '.join(cookies)}")
    elif any(trace.moved and (trace.lost or topology.mode() == "sticky") for trace in visits.returning):
        yield Problem("clients move between nodes, and no response carried a cookie that could keep them on one")
    elif any(trace.comes_and_goes for trace in visits.returning) or (visits.frozen and visits.frozen.comes_and_goes):
        yield Problem(
            "what a client wrote comes and goes, and no response carried a cookie that could bind it to a node"
        )
    elif entry and entry.moved:
        yield Problem(
            "a session that one node knows comes and goes, and no response carried a cookie that binds clients"
        )
    else:
        yield Fine("no client lost its session although no affinity cookie is set", power=0.0)
