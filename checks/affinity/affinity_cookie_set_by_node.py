"""Does the application set a cookie of the same name as the balancer's?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Replay,
    Severity,
    Verdicts,
    Visits,
    check,
    named,
)


@check(severity=Severity.HIGH)
def affinity_cookie_set_by_node(visits: Visits, replay: Replay) -> Verdicts:
    """The application sets a cookie of the same name as the balancer's.

    Asked directly, past the balancer, a node sets a cookie of that name. A browser keeps one of the two: as soon as it
    is the application's, the balancer reads a value that names no server. A route inside the session's own cookie is
    meant to be there and does not count.
    """
    own = {cookie.name for cookie in visits.cookies if cookie.role == "affinity"}
    if not own:
        raise NotApplicable("no affinity cookie was seen")
    if replay.way != "direct":
        raise Inconclusive("no node was asked past the balancer; declare nodes[].url")
    setting = {visit.node: {cookie.name for cookie in visit.cookies} & own for visit in replay.visits}
    nodes = tuple(node for node, names in setting.items() if names)
    if nodes:
        name = min(setting[nodes[0]])
        yield Problem(f"{named(nodes, 'sets', 'set')} {name}, the name of the balancer's own cookie", where=nodes)
    else:
        yield Fine(f"no node sets {', '.join(sorted(own))}")
