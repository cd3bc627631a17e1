"""Is a client kept on its node only as long as its connection lasts?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, check

ENOUGH = 4  # answers over one connection


@check(severity=Severity.MEDIUM)
def connection_decides(visits: Visits, topology: Topology) -> Verdicts:
    """Affinity lasts only as long as a TCP connection.

    Over one connection that is kept open one node answers; over new connections the same cookies lead to others. A
    balancer that looks at TCP alone (layer 4) cannot see a cookie. Browsers open several connections and close idle
    ones, so that users move now and then, and quick tests with one connection find nothing.
    """
    if topology.mode() not in {"sticky", "unknown"}:
        raise NotApplicable(f"affinity is not expected in mode {topology.mode()}")
    if not visits.moves:
        if visits.steps:
            yield Fine("clients stay over new connections, too", power=visits.power)
            return
        raise Inconclusive("nothing tells which node answered; declare site.flow.node or node URLs")
    if visits.kept_alive is None:
        raise Inconclusive("no connection could be kept open for several requests")
    nodes = visits.kept_alive.nodes
    if visits.kept_alive.moved:
        yield Fine("a client moves also while its connection is kept", seen={"strip": visits.kept_alive.strip()})
    elif len(nodes) < ENOUGH:
        raise Inconclusive(f"too few answers over one connection ({len(nodes)}) say which node gave them")
    else:
        yield Problem(
            f"{nodes[0]} answered all {len(nodes)} requests of one connection; over new ones clients move",
            seen={"strip": visits.kept_alive.strip(), "moves": visits.moves, "steps": visits.steps},
            chance=visits.shares.of(nodes[0]) ** (len(nodes) - 1),
        )
