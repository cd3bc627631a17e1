"""Does a single node know a session each time?"""

from collections.abc import Sequence

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, SameNode, Severity, Unknown, Verdicts, check

ENOUGH = 3  # readings of one session


@check(severity=Severity.CRITICAL)
def node_knows_at_times(same_node: SameNode) -> Verdicts:
    """One node knows a session at some requests and not at others.

    It is asked directly, over new connections, with the cookies that it gave out first: no balancer, no other node is
    involved. Several worker processes answer at its address, and they do not share sessions or secrets. A session that
    is gone from one request on, and stays so, has ended.
    """
    if not same_node.called_for:
        raise NotApplicable("no state was lost anywhere")
    told = {node: states for node, states in same_node.looks.items() if sum(map(_tells, states)) >= ENOUGH}
    if not told:
        raise Inconclusive("no node was asked several times for one session")
    for node, states in told.items():
        if _has_ended(states):
            yield Unknown(f"at {node} the session was there at first and then no more", subject=node)
        elif {"kept", "lost"} <= set(states):
            text = f"{node} knew one session at {states.count('kept')} of {len(states)} requests"
            yield Problem(text, subject=node, where=(node,))
        else:
            yield Fine(f"{node} answered {len(states)} requests with one session alike", subject=node, power=0.8)


def _has_ended(states: Sequence[str]) -> bool:
    """Whether it was known up to one request, and at none after it."""
    told = [state for state in states if _tells(state)]
    kept = told.count("kept")
    return 0 < kept < len(told) and set(told[:kept]) == {"kept"}


def _tells(state: str) -> bool:
    return state in {"kept", "lost"}
