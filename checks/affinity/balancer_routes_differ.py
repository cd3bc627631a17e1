"""Does the balancer know each node by the route that the node puts into its ids?"""

from collections.abc import Iterator

from sessiondoctor.api import (
    BalancerStatus,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Replay,
    Server,
    Severity,
    Topology,
    Verdicts,
    check,
)

FOLLOW_ROUTES = {"apache", "mod_jk"}  # others keep clients by a cookie or prefix of their own


@check(severity=Severity.HIGH)
def balancer_routes_differ(
    balancers: tuple[BalancerStatus, ...], replay: Replay | None, topology: Topology
) -> Verdicts:
    """A node's route differs from the one the balancer knows.

    The balancer sends a session to the node whose route its id carries. Compared are what its status page says and what
    each node sets when asked directly, or else `nodes[].route`. Routes are case-sensitive.
    """
    routes = {node.name: node.route for node in topology.nodes if node.route} | _set_by(replay)
    if not routes:
        raise NotApplicable("no node puts a route into its session ids")
    names = {visit.session_cookie.name for visit in (replay.visits if replay else ()) if visit.session_cookie}
    followers = [balancer for balancer in balancers if _reads_routes(balancer, names)]
    if balancers and not followers:
        raise NotApplicable("no balancer looks for routes in session ids")
    if not any(server.cookie for balancer in followers for server in balancer.servers):
        raise Inconclusive("no balancer shows the routes of the nodes")
    for balancer in followers:
        name, found = balancer.balancer, list(_differences(balancer, routes))
        for node, text in found:
            yield Problem(text, subject=name, where=(node, name) if node else (name,))
        if not found:
            yield Fine("each node has its own route", subject=name)


def _set_by(replay: Replay | None) -> dict[str, str]:
    cookies = {visit.node: visit.session_cookie for visit in (replay.visits if replay else ())}
    return {node: cookie.route for node, cookie in cookies.items() if cookie and cookie.route}


def _reads_routes(balancer: BalancerStatus, session_cookies: set[str]) -> bool:
    """Whether it keeps clients by the session cookie, and not by a cookie of its own (ROUTEID) or not at all."""
    its_own = bool(session_cookies) and balancer.affinity_cookie not in session_cookies
    return balancer.kind in FOLLOW_ROUTES and balancer.keeping == "cookie" and not its_own


def _differences(balancer: BalancerStatus, routes: dict[str, str]) -> Iterator[tuple[str, str]]:
    known = {server.cookie for server in balancer.servers}
    if known.isdisjoint(routes.values()) and not any(server.node for server in balancer.servers):
        # Workers of mod_jk have AJP ports: without a common name nothing tells which is which.
        signed, shown = (", ".join(sorted(names)) for names in (set(routes.values()), known))
        yield "", f"the nodes sign their sessions with {signed}, and {balancer.balancer} knows only {shown}"
    for server in balancer.servers:
        route = routes.get(server.node, "")
        if route and server.cookie != route:
            yield server.node, _text(balancer.balancer, server, route)


def _text(balancer: str, server: Server, route: str) -> str:
    known = f"knows it as {server.cookie!r}" if server.cookie else "knows no route for it"
    return f"{server.node} signs its sessions with the route {route!r}, and {balancer} {known}"
