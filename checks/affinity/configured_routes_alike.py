"""Does each server have a route of its own in the balancer's configuration?"""

from collections import defaultdict

from sessiondoctor.api import Configs, Fine, Location, NotApplicable, Pool, Problem, Severity, Verdicts, check, named


@check(severity=Severity.HIGH, false_alarm=0.002)
def configured_routes_alike(configs: Configs) -> Verdicts:
    """Two servers of one pool have the same route or server cookie.

    The balancer sends everybody who holds that value to one of the two, and the sessions of the other are out of reach.
    HAProxy, Apache and mod_jk start with such a configuration without a warning.
    """
    pools = [pool for pool in configs.pools if any(server.route for server in pool.servers)]
    if not pools:
        raise NotApplicable("no given file names servers by a route or a cookie")
    for pool in pools:
        shared = _shared(pool)
        for route, (names, at) in shared.items():
            yield Problem(f"{named(names, 'has', 'have')} the same route {route!r}", subject=pool.owner,
                          where=(pool.owner,), at=at, detail=f"{pool.name} {route}")  # fmt: skip
        if not shared:
            yield Fine(f"each server of {pool.name or 'the pool'} has a route of its own", subject=pool.owner)


def _shared(pool: Pool) -> dict[str, tuple[list[str], Location | None]]:
    """Names of servers with one route, and the place of the last of them."""
    found: dict[str, dict[str, Location | None]] = defaultdict(dict)
    for server in pool.servers:
        if server.route and server.role != "disabled":
            found[server.route][server.name] = server.at
    return {route: (list(names), list(names.values())[-1]) for route, names in found.items() if len(names) > 1}
