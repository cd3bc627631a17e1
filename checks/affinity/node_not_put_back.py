"""Is every node back that the drill took out?"""

from sessiondoctor.api import Drill, Fine, Problem, Severity, Verdicts, check


@check(severity=Severity.CRITICAL, role="hygiene", false_alarm=0.01)
def node_not_put_back(drill: Drill) -> Verdicts:
    """A node was taken out, and nothing shows that it is back.

    It was put back, and nothing shows that it serves: neither HAProxy's state, nor a new client that is led to it.
    """
    for one in drill.nodes:
        if one.proof and not one.stages:
            yield Fine(f"{one.node} is in service: {one.proof}", subject=one.node)
        elif one.proof:
            yield Fine(f"{one.node} is back after {one.back_s:g} s: {one.proof}", subject=one.node)
        else:
            by_hand = "; ".join(one.by_hand)
            yield Problem(f"{one.node} is not proven to be back ({one.trouble}); put it back by hand: {by_hand}",
                          subject=one.node, where=(one.node,))  # fmt: skip
