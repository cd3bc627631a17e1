"""Does the balancer keep a returning client on its node?"""

from sessiondoctor.api import (
    EntryReplay,
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
def client_moves(visits: Visits, topology: Topology, entry: EntryReplay | None) -> Verdicts:
    """A returning client is answered by several nodes.

    Where sessions live in the nodes, the balancer must send a client back to the node that knows it. Where they are
    shared, moving is harmless and this does not apply. Where no answer names its node, a session that only one node
    knows stands for it.
    """
    mode = topology.mode()
    if mode not in PROMISED:
        raise NotApplicable(f"affinity is not expected in mode {mode}")
    if visits.session_cookie and visits.session_cookie.unsent:
        raise NotApplicable("a browser does not send the session cookie back, so that no node can know the client")
    traces = [trace for trace in visits.returning if len(trace.nodes) > 1]
    if not traces and entry and (entry.moved or entry.stays):
        yield _shown(entry)
        return
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


def _shown(entry: EntryReplay) -> Problem | Fine:
    """What sessions tell that were made on nodes directly, and shown to the site by clients that keep its cookies."""
    seen = {"shown": {one.node: list(one.bound) for one in entry.sound}}
    if not entry.moved:
        return Fine("a client of the site goes on meeting the node that it met first", seen=seen, power=entry.power)
    one = max(entry.moved, key=lambda shown: shown.settled.count("lost"))
    found = f"{one.settled.count('kept')} of {len(one.settled)}"
    return Problem(f"one client of the site meets {one.node}, which alone knows its session, {found} times", seen=seen)


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
