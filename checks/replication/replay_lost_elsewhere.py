"""Do other nodes know a node's sessions?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Replay, Severity, Topology, Verdicts, check


@check(severity=Severity.HIGH, role="loss", survival=True)
def replay_lost_elsewhere(replay: Replay, topology: Topology) -> Verdicts:
    """A session made on one node is not there on another.

    Asks the nodes directly, without the load balancer. Where mode is sticky, each node keeps its own: no fault.
    """
    seen = {"matrix": replay.matrix()}
    lost = [cell for cell in replay.other if cell.state in {"lost", "error"}]
    kept = [cell for cell in replay.other if cell.state == "kept"]
    if not lost and not kept:
        raise Inconclusive("whether other nodes know a session cannot be seen; declare site.flow and two node URLs")
    if topology.mode() == "sticky":
        yield Fine("each node keeps its own sessions, as mode sticky has it", seen=seen, power=0.0)
    elif lost:
        share = f"{len(lost)} of {len(lost) + len(kept)} pairs"
        outlier = replay.outlier
        text = f"sessions are not there on another node: {share}" + (f", all with {outlier}" if outlier else "")
        yield Problem(text, where=(outlier,) if outlier else (), seen=seen)
    else:
        yield Fine(f"every node knows the sessions of the others, {len(kept)} pairs", seen=seen)
