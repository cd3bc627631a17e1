"""Does a session keep its id?"""

from sessiondoctor.api import Exchange, Fine, Inconclusive, Problem, Severity, Verdicts, Visits, check

OFTEN = 2  # renewals without a move; one may be a login or a rotation


@check(severity=Severity.HIGH, role="loss")
def session_id_restless(visits: Visits) -> Verdicts:
    """A client is handed a new session id again and again by the same node.

    The application throws the session away, or does not recognise the cookie that it set.
    """
    traces = [trace for trace in visits.returning if len(trace.exchanges) > OFTEN and trace.exchanges[0].session]
    if not traces:
        raise Inconclusive("no client was handed a session to return")
    for trace in traces:
        pairs = zip(trace.exchanges, trace.exchanges[1:], strict=False)
        renewals = sum(after.renewed and _same_node(before, after) for before, after in pairs)
        if renewals >= OFTEN:
            text = f"one client was handed {renewals} new session ids by the node that knew it"
            yield Problem(text, seen={"strip": trace.strip()})
            return
    yield Fine("a session keeps its id")


def _same_node(before: Exchange, after: Exchange) -> bool:
    return bool(before.node) and before.node == after.node
