"""Do clients with a session stay on a node that drains?"""

from sessiondoctor.api import Drill, Fine, NotApplicable, Problem, Severity, Unknown, Verdicts, check


@check(severity=Severity.MEDIUM)
def drain_moves_clients(drill: Drill) -> Verdicts:
    """Clients are moved from a node that drains, though it is alive.

    To drain is to take no new clients and to let those who are there finish. It matters where clients are kept on
    their node.
    """
    drained = [(one, stage) for one in drill.nodes if (stage := one.stage("drain"))]
    if not drained:
        raise NotApplicable("no node was drained", hint="`sessiondoctor drill` drains by HAProxy or by nodes[].drain")
    sticky = [(one, stage) for one, stage in drained if one.is_sticky]
    if not sticky:
        raise NotApplicable("clients are not kept on nodes, even while all are in service")
    for one, stage in sticky:
        own = [session for session in stage.sessions if session.home == one.node]
        moved = [session for session in own if session.moved_s is not None]
        if moved:
            yield Problem(f"{len(moved)} of {len(own)} clients of {one.node} are moved {moved[0].moved_s:g} s after it "
                          "begins to drain", subject=one.node, where=(one.node,),
                          seen={"lost": sum(session.state == "lost" for session in moved)})  # fmt: skip
        elif all(session.node == one.node for session in own):
            yield Fine(f"the clients of {one.node} stay there while it drains", subject=one.node)
        else:
            yield Unknown(f"it cannot be told who answered the clients of {one.node}", subject=one.node)
