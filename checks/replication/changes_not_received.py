"""Does what one member sends reach the others?"""

from sessiondoctor.api import Fine, Inconclusive, MemberView, NotApplicable, Problem, Severity, Verdicts, check, named

ENOUGH = 3  # changes


@check(severity=Severity.CRITICAL)
def changes_not_received(views: tuple[MemberView, ...]) -> Verdicts:
    """Members send changes of sessions that others never receive.

    By the counters of Tomcat's DeltaManager. The members know each other: the way of membership is open, and that of
    sessions is not (another port, a firewall), or the application has another name there.
    """
    counted = {view.node: _counts(view) for view in views if view.size > 1}
    told = {node: counts for node, counts in counted.items() if counts}
    if len(told) < 2:
        raise NotApplicable("fewer than two nodes that know each other count what they send and receive")
    sent = sum(counts[0] for counts in told.values())
    deaf = sorted(node for node, (own, received) in told.items() if sent - own >= ENOUGH and not received)
    seen = {node: {"sent": own, "received": received} for node, (own, received) in told.items()}
    if deaf:
        text = f"{named(deaf, 'has', 'have')} received none of the changes that the other members sent"
        yield Problem(text, where=tuple(deaf), seen=seen)
    elif sent < ENOUGH:
        raise Inconclusive(f"only {sent} changes of sessions were sent since the nodes started")
    else:
        yield Fine("what members send reaches the others", seen=seen)


def _counts(view: MemberView) -> tuple[int, int] | None:
    """Changes sent and received by the managers that count them."""
    counting = [one for one in view.managers if one.sent is not None]
    if not counting:
        return None
    return sum(one.sent or 0 for one in counting), sum(one.received or 0 for one in counting)
