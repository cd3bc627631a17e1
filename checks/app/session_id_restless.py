"""Does a session keep its id?"""

from sessiondoctor.api import Fine, Hop, Inconclusive, Problem, Severity, Verdicts, Visits, check

OFTEN = 2  # renewals without a move; one may be a login or a rotation


@check(severity=Severity.HIGH, role="loss")
def session_id_restless(visits: Visits) -> Verdicts:
    """A client is handed a new session id again and again by the same node.

    The application throws the session away, or does not recognise the cookie that it set.
    """
    walks = [walk for walk in visits.returning if len(walk.hops) > OFTEN and walk.hops[0].session]
    if not walks:
        raise Inconclusive("no client was handed a session to return")
    for walk in walks:
        pairs = zip(walk.hops, walk.hops[1:], strict=False)
        renewals = sum(after.renewed and _same_node(before, after) for before, after in pairs)
        if renewals >= OFTEN:
            text = f"one client was handed {renewals} new session ids by the node that knew it"
            yield Problem(text, seen={"strip": walk.strip()})
            return
    yield Fine("a session keeps its id")


def _same_node(before: Hop, after: Hop) -> bool:
    return bool(before.node) and before.node == after.node
