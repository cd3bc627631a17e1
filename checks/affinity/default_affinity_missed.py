"""Does a balancer that follows routes by itself follow those of the nodes?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, check

FOLLOWS_BY_DEFAULT = {"mod_jk"}  # Tomcat Connectors, workers.properties: sticky_session is on


@check(severity=Severity.HIGH)
def default_affinity_missed(visits: Visits, topology: Topology) -> Verdicts:
    """A balancer with default route affinity does not keep clients.

    mod_jk compares the route with the names of its workers. Where ids carry routes and clients move all the same,
    it more probably knows no worker of that name than that somebody has switched its affinity off.
    """
    kinds = [balancer for balancer in topology.load_balancers if balancer.kind in FOLLOWS_BY_DEFAULT]
    if topology.mode() not in {"sticky", "unknown"} or not kinds:
        raise NotApplicable("no balancer of a kind that follows routes by default is declared")
    cookie = visits.session_cookie
    if cookie is None or not cookie.route or cookie.unsent:
        raise NotApplicable("no session id with a route is returned")
    traces = [trace for trace in visits.returning if len(trace.nodes) > 1]
    if not traces:
        raise Inconclusive("nothing tells which node answered")
    if any(trace.moved for trace in traces):
        name = kinds[0].name
        text = f"ids carry the route {cookie.route}, {name} follows routes by default, and clients move"
        yield Problem(text, where=(name,), chance=visits.chance_if_kept(visits.moves))
    else:
        yield Fine("clients stay on their node", power=visits.power)
