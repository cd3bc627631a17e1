"""Is the route in session ids one that the balancer knows by its configuration?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.HIGH, false_alarm=0.005)
def configured_route_not_issued(configs: Configs, visits: Visits) -> Verdicts:
    """Session ids carry a route that no configured server has.

    The balancer that follows such a route finds no server of that name, and sends each request anywhere. Judged for
    balancers that follow the application's cookie by the name in it (jvmRoute, workers, HAProxy's prefix).
    """
    following = {one.owner for one in configs.affinities if one.by == "app-cookie" and one.how == "name"}
    pools = [pool for pool in configs.pools if pool.owner in following and any(one.route for one in pool.servers)]
    cookie = visits.session_cookie
    if not pools or cookie is None or not cookie.route:
        raise NotApplicable("no given balancer follows a route, or session ids carry none")
    known = {server.route for pool in pools for server in pool.servers if server.route}
    if cookie.route in known:
        yield Fine(f"the route {cookie.route!r} is that of a configured server")
        return
    pool = pools[0]
    yield Problem(
        f"session ids end with {cookie.route!r}, and the configured routes are {', '.join(sorted(known))}",
        subject=pool.owner,
        where=(pool.owner,),
        at=pool.at,
        detail=pool.name,
    )
