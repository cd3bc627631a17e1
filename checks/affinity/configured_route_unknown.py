"""Does the balancer know the route that each node puts into its session ids?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Route, Severity, Verdicts, check


@check(severity=Severity.HIGH, false_alarm=0.002)
def configured_route_unknown(configs: Configs) -> Verdicts:
    """A node's route is not among the balancer's routes.

    Tomcat's jvmRoute and the balancer's route or worker name must be the same word, case included: otherwise the
    balancer sends each request anywhere. A node without a route is as bad, unless `-DjvmRoute` gives it one, and so
    are two nodes with one route.
    """
    known = {server.route for pool in configs.pools for server in pool.servers if server.route}
    follows = any(one.by == "app-cookie" and one.how == "name" for one in configs.affinities)
    several = len(configs.by_owner(configs.routes)) > 1
    if not configs.routes or not (known or several):
        raise NotApplicable("routes of the balancer and of the nodes are not both given")
    taken: dict[str, str] = {}
    for route in configs.routes:
        why = _why(route, known, follows=follows)
        owner = taken.setdefault(route.route, route.owner) if route.route else route.owner
        if why:
            yield Problem(why, subject=route.owner, where=(route.owner,), at=route.at, detail=route.setting)
        elif owner != route.owner:
            yield Problem(f"{route.setting} {route.route!r} is also that of {owner}", subject=route.owner,
                          where=(route.owner, owner), at=route.at, detail=route.setting)  # fmt: skip
        else:
            yield Fine("the node has a route of its own", subject=route.owner)


def _why(route: Route, known: set[str], *, follows: bool) -> str:
    names = ", ".join(sorted(known))
    if not route.route:
        return f"{route.setting} is not set, and the balancer's routes are {names}" if follows and known else ""
    if known and route.route not in known:
        return f"{route.setting} is {route.route!r}, and the balancer's routes are {names}"
    return ""
