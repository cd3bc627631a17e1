"""What becomes of connections that clients of a node hold open while it drains?"""

from sessiondoctor.api import Drill, Fine, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.MEDIUM)
def socket_cut_by_drain(drill: Drill) -> Verdicts:
    """Held connections are cut, or not opened anew, when a node leaves.

    A node that drains lets them live; when it goes altogether, its clients must be able to connect to another one.
    """
    held = [(one, stage) for one in drill.nodes for stage in one.stages if stage.sockets]
    if drill.nodes and not held:
        raise NotApplicable("no connection was held open", hint="declare site.flow.websocket")
    for one, stage in held:
        ended = [socket for socket in stage.sockets if socket.fate != "kept"]
        refused = [socket for socket in ended if socket.fate == "cut"]
        fates: dict[str, int] = {
            socket.fate: sum(other.fate == socket.fate for other in stage.sockets) for socket in stage.sockets
        }
        if stage.by == "drain" and ended:
            yield Problem(f"{len(ended)} of {len(stage.sockets)} held connections are cut when {one.node} drains",
                          subject=one.node, where=(one.node,), detail=stage.by, seen=dict(fates))  # fmt: skip
        elif refused:
            yield Problem(f"{len(refused)} clients of {one.node} cannot connect anew when it is out", subject=one.node,
                          where=(one.node,), detail=stage.by, seen=dict(fates))  # fmt: skip
        else:
            yield Fine(f"{stage.by}: {', '.join(f'{count} {fate}' for fate, count in sorted(fates.items()))}",
                       subject=one.node, seen=dict(fates))  # fmt: skip
