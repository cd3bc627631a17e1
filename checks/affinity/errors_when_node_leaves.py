"""Do requests fail while a node is taken out?"""

from sessiondoctor.api import Drill, DrillStage, Fine, Problem, Severity, Unknown, Verdicts, check


@check(severity=Severity.MEDIUM)
def errors_when_node_leaves(drill: Drill) -> Verdicts:
    """Requests fail while a node is taken out.

    Statuses from 500 on, and requests without an answer, from the moment that the node is taken out until the balancer
    sends its clients elsewhere.
    """
    for one in drill.nodes:
        if one.before.errors:
            yield Unknown("requests fail while all nodes are in service, too", subject=one.node)
        elif not one.stages:
            yield Unknown(f"{one.node} was not taken out", subject=one.node)
        elif failing := [stage for stage in one.stages if stage.errors]:
            told = "; ".join(f"{stage.by}: {_counted(stage)}" for stage in failing)
            yield Problem(f"requests fail while {one.node} is taken out ({told})", subject=one.node, where=(one.node,),
                          seen={stage.by: dict(stage.errors) for stage in failing})  # fmt: skip
        else:
            requests = sum(stage.requests for stage in one.stages)
            yield Fine(f"none of {requests} requests fails while {one.node} is taken out", subject=one.node)


def _counted(stage: DrillStage) -> str:
    errors = ", ".join(f"{count} x {what}" for what, count in sorted(stage.errors.items()))
    return f"{errors} of {stage.requests} within {stage.seconds:g} s"
