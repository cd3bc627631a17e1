"""Does a session keep its id?"""

from itertools import pairwise

from sessiondoctor.api import Exchange, Fine, Inconclusive, Problem, Severity, Verdicts, Visits, check

OFTEN = 2  # renewals without a move; one may be a login or a rotation


@check(severity=Severity.HIGH, role="loss")
def session_id_restless(visits: Visits) -> Verdicts:
    """The same node keeps issuing new session ids to one client.

    The application throws the session away, or does not recognise the cookie that it set. An id that changes while the
    state stays is renewed on purpose.
    """
    traces = [trace for trace in visits.returning if len(trace.exchanges) > OFTEN and trace.exchanges[0].session]
    if not traces:
        raise Inconclusive("no client was handed a session to return")
    if not any(_same_node(*pair) for trace in traces for pair in pairwise(trace.exchanges)):
        raise Inconclusive("no node is known to have answered one client twice in a row")
    for trace in traces:
        pairs = pairwise(trace.exchanges)
        renewals = sum(after.renewed and after.state == "lost" and _same_node(before, after) for before, after in pairs)
        if renewals >= OFTEN:
            text = f"the same node issued {renewals} new session ids to one client"
            yield Problem(text, seen={"client": visits.client(trace)})
            return
    yield Fine("sessions keep their ids")


def _same_node(before: Exchange, after: Exchange) -> bool:
    nodes = {*(before.answered or (before.node,)), *(after.answered or (after.node,))}
    return len(nodes) == 1 and "" not in nodes
