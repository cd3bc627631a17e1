"""Does the state survive when another node answers?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Severity, Trace, Verdicts, Visits, check


@check(severity=Severity.HIGH, role="loss", survival=True, shows="session-unknown-elsewhere")
def state_lost_on_move(visits: Visits) -> Verdicts:
    """A returning client loses its state when another node answers.

    Follows clients that send back what a browser sends and compares the node that set the session's cookie with those
    that answered later. Moving without a loss is by design where nodes share their sessions. A client that never moved
    proves nothing.
    """
    losing = [trace for trace in visits.returning if trace.at("elsewhere", "lost")]
    if losing:
        worst = max(losing, key=lambda trace: sum(exchange.state == "lost" for exchange in trace.exchanges))
        yield Problem(f"{_told(worst)}; {visits.loss}", seen={"client": visits.client(worst), "loss": visits.loss.seen})
        return
    moved = [trace for trace in visits.returning if trace.at("elsewhere", "kept")]
    kept = sum(len(trace.at("elsewhere", "kept")) for trace in moved)
    if not kept and visits.keeps_all:
        yield Fine("no client is known to have been moved, and none lost its state", power=0.0)
        return
    if not kept:
        raise Inconclusive("no returning client is known to have moved to another node with its state in sight")
    yield Fine(
        f"sessions survived {kept} moves between nodes",
        seen={"client": visits.client(moved[0]), "loss": visits.loss.seen},
    )


def _told(trace: Trace) -> str:
    """Where it was and where it is not; a flow whose steps several nodes answered has been on all of them."""
    losing = trace.at("elsewhere", "lost")
    others = sorted({node for exchange in losing for node in (exchange.node, *exchange.met)} - {trace.home, ""})
    if not trace.home:
        return f"the state of a client that {' and '.join(dict.fromkeys(trace.homes))} served is lost"
    return f"a session started on {trace.home} is missing on {', '.join(others) or 'another node'}"
