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
    if not visits.steps and _by_state(visits):
        yield from _judged_by_state(visits)
        return
    if not visits.moves:
        if visits.steps:
            yield Fine("clients stay over new connections, too", power=visits.power)
            return
        raise Inconclusive("nothing tells which node answered; declare site.flow.node or node URLs")
    if visits.kept_alive is None:
        raise Inconclusive("no connection could be kept open for several requests")
    nodes = visits.kept_alive.nodes
    if visits.kept_alive.moved:
        yield Fine(
            "a client moves also while its connection is kept", seen={"client": visits.client(visits.kept_alive)}
        )
    elif len(nodes) < ENOUGH:
        raise Inconclusive(f"too few answers over one connection ({len(nodes)}) say which node gave them")
    else:
        yield Problem(
            f"{nodes[0]} answered all {len(nodes)} requests of one connection; over new ones clients move",
            seen={"client": visits.client(visits.kept_alive), "moves": visits.moves, "steps": visits.steps},
            chance=visits.shares.of(nodes[0]) ** (len(nodes) - 1),
        )


def _by_state(visits: Visits) -> bool:
    """Whether what clients lost must tell who answered, as nothing else does."""
    return visits.kept_alive is not None and visits.lost > 0


def _judged_by_state(visits: Visits) -> Verdicts:
    """Where nodes are unknown: state that is lost over new connections, and never over one that is kept open."""
    states = [exchange.state for exchange in visits.kept_alive.exchanges[1:]] if visits.kept_alive else []
    seen = {"client": visits.client(visits.kept_alive), "loss": visits.loss.seen}
    if "lost" in states:
        yield Fine("state is lost also while a connection is kept", seen=seen)
    elif states.count("kept") < ENOUGH - 1:
        raise Inconclusive("too few answers over one connection show the state")
    else:
        chance = (1 - visits.lost / visits.looked) ** states.count("kept")
        yield Problem(
            "state is lost over new connections only, not over one that is kept open", seen=seen, chance=chance
        )
