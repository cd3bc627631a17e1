"""Does the balancer keep a returning client on its node?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Trace,
    Unknown,
    Verdicts,
    Visits,
    check,
)

PROMISED = {"sticky", "unknown"}


@check(severity=Severity.HIGH)
def client_moves(visits: Visits, topology: Topology) -> Verdicts:
    """A returning client is answered by several nodes.

    Where sessions live in the nodes, the balancer must send a client back to the node that knows it. Where they are
    shared, moving is harmless and this does not apply.
    """
    mode = topology.mode()
    if mode not in PROMISED:
        raise NotApplicable(f"affinity is not expected in mode {mode}")
    if visits.session_cookie and visits.session_cookie.unsent:
        raise NotApplicable("a browser does not send the session cookie back, so that no node can know the client")
    traces = [trace for trace in visits.returning if len(trace.nodes) > 1]
    if not traces:
        raise Inconclusive("nothing tells which node answered; declare site.flow.node or node URLs")
    moved = [trace for trace in traces if trace.moved]
    if moved:
        yield _moving(mode, max(moved, key=lambda trace: len(set(trace.nodes))), visits)
    else:
        yield Fine("every returning client stayed on one node", seen=_seen(traces[0], visits), power=visits.power)


def _moving(mode: str, trace: Trace, visits: Visits) -> Problem | Fine | Unknown:
    """Moving breaks what mode sticky promises; where nothing is declared, it depends on what was lost."""
    nodes, seen = ", ".join(sorted(set(trace.nodes))), _seen(trace, visits)
    if mode == "sticky" or any(other.lost for other in visits.returning):
        chance = visits.chance_if_kept(visits.moves)
        return Problem(f"one client was answered by {nodes}", seen=seen, chance=chance)
    if any(_kept(other) for other in visits.returning if other.moved):
        return Fine("clients move, and their state moves with them", seen=seen)
    return Unknown(
        f"clients move between {nodes}; whether that loses state cannot be seen: declare site.flow", seen=seen
    )


def _seen(trace: Trace, visits: Visits) -> dict[str, object]:
    odds = {model: round(probability, 3) for model, probability in visits.odds.items()}
    return {
        "client": visits.client(trace),
        "odds": odds,
        "moves": visits.moves,
        "steps": visits.steps,
        "loss": visits.loss.seen,
    }


def _kept(trace: Trace) -> bool:
    return any(exchange.state == "kept" for exchange in trace.exchanges[1:])
