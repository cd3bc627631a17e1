"""Does the state survive when another node answers?"""

from sessiondoctor.api import Exchange, Fine, Inconclusive, Problem, Severity, Trace, Verdicts, Visits, check


@check(severity=Severity.HIGH, role="loss", survival=True, shows="session-unknown-elsewhere")
def state_lost_on_move(visits: Visits) -> Verdicts:
    """A returning client loses its state when another node answers.

    Follows clients that send back what a browser sends and compares the node that answered with what was still there.
    Moving without a loss is by design where nodes share their sessions. A client that never moved proves nothing.
    """
    losing = [trace for trace in visits.returning if _lost(trace)]
    moved = [trace for trace in visits.returning if trace.moved]
    if losing:
        worst = max(losing, key=lambda trace: sum(exchange.state == "lost" for exchange in trace.exchanges))
        nodes = sorted({exchange.node for trace in losing for exchange in _lost(trace)})
        yield Problem(
            f"a client that {worst.exchanges[0].node} served lost its state on {', '.join(nodes)}; {visits.loss}",
            seen={"strip": worst.strip(), "loss": visits.loss.seen},
        )
        return
    kept = sum(_kept(trace) for trace in moved)
    if not kept:
        raise Inconclusive("no returning client was moved to another node with its state in sight")
    yield Fine(f"state survived {kept} moves between nodes", seen={"strip": moved[0].strip(), "loss": visits.loss.seen})


def _lost(trace: Trace) -> list[Exchange]:
    """Losses on another node than the one that served the client first."""
    first = trace.exchanges[0].node
    return [
        exchange
        for exchange in trace.exchanges[1:]
        if exchange.state == "lost" and exchange.node and first and exchange.node != first
    ]


def _kept(trace: Trace) -> int:
    pairs = zip(trace.exchanges, trace.exchanges[1:], strict=False)
    return sum(bool(a.node and b.node and a.node != b.node and b.state == "kept") for a, b in pairs)
