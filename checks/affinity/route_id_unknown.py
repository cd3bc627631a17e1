"""Is the route in each node's session id the one the balancer knows?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Replay, Severity, Topology, Verdicts, check


@check(severity=Severity.HIGH)
def route_id_unknown(replay: Replay, topology: Topology) -> Verdicts:
    """A node's session id carries another route than the declared one.

    Balancers compare routes to the letter: `App1` is not `app1`.
    """
    declared = {node.name: (index, node.route) for index, node in enumerate(topology.nodes) if node.route}
    seen = {visit.node: visit.session_cookie for visit in replay.visits}
    pairs = [(node, cookie.route) for node, cookie in seen.items() if cookie and cookie.route and node in declared]
    if not pairs:
        raise NotApplicable("no node has both a declared route and one in its session id", hint="declare nodes[].route")
    for node, route in pairs:
        index, wanted = declared[node]
        if route == wanted:
            yield Fine(f"the route is {route}", subject=node)
        else:
            yield Problem(
                f"{node} writes the route {route!r}, the balancer knows it as {wanted!r}",
                subject=node,
                where=(node,),
                at=("nodes", index, "route"),
            )
