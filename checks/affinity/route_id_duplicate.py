"""Does each node have a route of its own?"""

from collections import defaultdict

from sessiondoctor.api import Fine, NotApplicable, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def route_id_duplicate(replay: Replay) -> Verdicts:
    """Two nodes write the same route into their session ids.

    The balancer sends the sessions of both to one of them.
    """
    nodes: dict[str, list[str]] = defaultdict(list)
    for visit in replay.visits:
        if visit.session_cookie and visit.session_cookie.route:
            nodes[visit.session_cookie.route].append(visit.node)
    if not nodes:
        raise NotApplicable("no session id carries a route")
    shared = {route: names for route, names in nodes.items() if len(names) > 1}
    for route, names in shared.items():
        yield Problem(f"{' and '.join(names)} write the route {route!r}", where=tuple(names))
    if not shared:
        yield Fine("every node has a route of its own", power=1.0 if sum(map(len, nodes.values())) > 1 else 0.0)
