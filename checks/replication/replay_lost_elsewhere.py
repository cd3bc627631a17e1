"""Do other nodes know a node's sessions?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Replay, Severity, Topology, Verdicts, Visits, check


@check(severity=Severity.HIGH, role="loss", survival=True, shows="session-unknown-elsewhere")
def replay_lost_elsewhere(replay: Replay, visits: Visits | None, topology: Topology) -> Verdicts:
    """A session made on one node is not there on another.

    Asks the nodes directly, or leads the load balancer to each by its own cookie. Where mode is sticky, or nothing is
    declared, nothing is shared and no client lost anything at the site: something keeps each on its node, no fault.
    """
    seen = {"matrix": replay.matrix()}
    lost = [cell for cell in replay.other if cell.state in {"lost", "error"}]
    kept = [cell for cell in replay.other if cell.state == "kept"]
    if not lost and not kept:
        raise Inconclusive("whether other nodes know a session cannot be seen; declare site.flow and two node URLs")
    unsaid = topology.mode() == "unknown"
    seen_to_bind = (replay.way == "steered" and unsaid) or (
        topology.site.mode == "auto" and visits is not None and visits.binds
    )
    keeper = "the balancer" if seen_to_bind else "something" if unsaid and visits and visits.keeps_all else ""
    if topology.mode() == "sticky" or (keeper and not kept):
        why = f"and {keeper} keeps each user on one" if keeper else "as mode sticky has it"
        yield Fine(f"each node keeps its own sessions, {why}", seen=seen, power=0.0)
    elif lost:
        outlier = replay.outlier
        involved = f"; all of them involve {outlier}" if outlier else ""
        text = f"{len(lost)} of {len(lost) + len(kept)} node pairs do not share sessions{involved}"
        yield Problem(text, where=(outlier,) if outlier else (), seen=seen)
    else:
        yield Fine(f"every node knows the sessions of the others ({len(kept)} node pairs)", seen=seen)
