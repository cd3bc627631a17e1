"""Does the state survive when another node answers?"""

from sessiondoctor.api import Fine, Hop, Inconclusive, Problem, Severity, Verdicts, Visits, Walk, check


@check(severity=Severity.HIGH, role="loss", survival=True, shows="session-unknown-elsewhere")
def state_lost_on_move(visits: Visits) -> Verdicts:
    """A returning client loses its state when another node answers.

    Follows clients that send back what a browser sends and compares the node that answered with what was still there.
    Moving without a loss is by design where nodes share their sessions. A client that never moved proves nothing.
    """
    losing = [walk for walk in visits.returning if _lost(walk)]
    moved = [walk for walk in visits.returning if walk.moved]
    if losing:
        worst = max(losing, key=lambda walk: sum(hop.state == "lost" for hop in walk.hops))
        nodes = sorted({hop.node for walk in losing for hop in _lost(walk)})
        yield Problem(
            f"a client that {worst.hops[0].node} served lost its state on {', '.join(nodes)}; {visits.loss}",
            seen={"strip": worst.strip(), "loss": visits.loss.seen},
        )
        return
    kept = sum(_kept(walk) for walk in moved)
    if not kept:
        raise Inconclusive("no returning client was moved to another node with its state in sight")
    yield Fine(f"state survived {kept} moves between nodes", seen={"strip": moved[0].strip(), "loss": visits.loss.seen})


def _lost(walk: Walk) -> list[Hop]:
    """Losses on another node than the one that served the client first."""
    first = walk.hops[0].node
    return [hop for hop in walk.hops[1:] if hop.state == "lost" and hop.node and first and hop.node != first]


def _kept(walk: Walk) -> int:
    pairs = zip(walk.hops, walk.hops[1:], strict=False)
    return sum(bool(a.node and b.node and a.node != b.node and b.state == "kept") for a, b in pairs)
