"""Does each node put its route into the session id?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Replay, Severity, Topology, Verdicts, Visits, check


@check(severity=Severity.HIGH)
def route_id_missing(replay: Replay, topology: Topology, visits: Visits | None) -> Verdicts:
    """A node's session id carries no route, although a balancer needs it.

    A balancer that follows the route (jvmRoute, CloneID) cannot send such a session back to its node. One that has a
    cookie of its own needs no route in the session id.
    """
    if visits and any(cookie.role == "affinity" for cookie in visits.cookies):
        raise NotApplicable("the balancer has a cookie of its own")
    cookies = {visit.node: visit.session_cookie for visit in replay.visits}
    declared = {node.name: index for index, node in enumerate(topology.nodes) if node.route}
    if not declared and not any(cookie and cookie.route for cookie in cookies.values()):
        raise NotApplicable("no node declares a route and no session id carries one")
    for node, cookie in cookies.items():
        if cookie is None:
            continue
        if cookie.route:
            yield Fine(f"the id carries {cookie.route}", subject=node)
        else:
            at = ("nodes", declared[node], "route") if node in declared else ()
            yield Problem(f"{cookie.name} of {node} carries no route", subject=node, where=(node,), at=at)
