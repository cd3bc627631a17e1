"""Do clients of other nodes notice when one node goes?"""

from sessiondoctor.api import Drill, Fine, NotApplicable, Problem, Severity, Unknown, Verdicts, check


@check(severity=Severity.HIGH, role="loss")
def node_loss_moves_others(drill: Drill) -> Verdicts:
    """Clients of other nodes are moved when one node goes.

    A balancer that computes the node from an address or a cookie may compute another one for everybody when their
    number changes. Where their sessions are lost by that, many users are logged out at each deploy.
    """
    sticky = [one for one in drill.nodes if one.is_sticky and one.stages]
    if drill.nodes and not sticky:
        raise NotApplicable("clients are not kept on nodes")
    for one in sticky:
        if not one.others:
            yield Unknown("no session of another node was looked at", subject=one.node)
            continue
        moved = {n for n in one.others if any(stage.sessions[n].moved_s is not None for stage in one.stages)}
        lost = {n for n in one.others if any(stage.sessions[n].state == "lost" for stage in one.stages)}
        if by_that := lost & moved:
            text = f"{len(moved)} of {len(one.others)} clients of other nodes are moved when {one.node} goes"
            yield Problem(f"{text}; {len(by_that)} lose their session by that", subject=one.node, where=(one.node,))
        elif lost:
            text = f"{len(lost)} clients of other nodes lose their session, and none of them was seen to be moved"
            yield Unknown(text, subject=one.node)
        elif all(stage.sessions[n].state == "unknown" for n in one.others for stage in one.stages):
            yield Unknown("no answer told whether sessions of other nodes are there", subject=one.node)
        else:
            yield Fine("no client of another node loses its session", subject=one.node)
