"""Does the balancer know the route that each node puts into its session ids?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH, false_alarm=0.002)
def configured_route_unknown(configs: Configs) -> Verdicts:
    """A node's route is not among the balancer's routes.

    Tomcat's jvmRoute and the balancer's route or worker name must be the same word, case included: otherwise the
    balancer sends each request anywhere. Two nodes with one jvmRoute are as bad as one without.
    """
    known = {server.route for pool in configs.pools for server in pool.servers if server.route}
    if not known or not configs.routes:
        raise NotApplicable("routes of the balancer and of the nodes are not both given")
    taken: dict[str, str] = {}
    for route in configs.routes:
        if route.route not in known:
            yield Problem(
                f"{route.setting} is {route.route!r}, and the balancer's routes are {', '.join(sorted(known))}",
                subject=route.owner,
                where=(route.owner,),
                at=route.at,
                detail=route.setting,
            )
        elif taken.setdefault(route.route, route.owner) != route.owner:
            yield Problem(f"{route.setting} {route.route!r} is also that of {taken[route.route]}", subject=route.owner,
                          where=(route.owner, taken[route.route]), at=route.at, detail=route.setting)  # fmt: skip
        else:
            yield Fine("the balancer knows the node's route", subject=route.owner)
