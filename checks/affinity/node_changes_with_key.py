"""Does a client change its node exactly when its session id changes?"""

from collections.abc import Iterator
from itertools import pairwise

from sessiondoctor.api import (
    Exchange,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Trace,
    Verdicts,
    Visits,
    check,
)

ENOUGH = 4  # requests with an unchanged id: two nodes at random answer them alike with a chance of 1 in 16
SEVERAL = 2  # moves with a new id


@check(severity=Severity.HIGH)
def node_changes_with_key(visits: Visits, topology: Topology) -> Verdicts:
    """A client changes its node exactly when its session id changes.

    The balancer chooses by a hash, or a table, of that id. The application changes it, at the first answer, at a login
    or whenever it does not know one, and so sends its own users to other nodes.
    """
    if topology.mode() not in {"sticky", "unknown"}:
        raise NotApplicable(f"affinity is not expected in mode {topology.mode()}")
    if any(cookie.role == "affinity" for cookie in visits.cookies):
        raise NotApplicable("the balancer has an affinity cookie of its own")
    traces = (*visits.returning, *((visits.frozen,) if visits.frozen else ()))
    same = [moved for trace in traces for changed, moved in _steps(trace) if not changed]
    new = [moved for trace in traces for changed, moved in _steps(trace) if changed]
    if len(same) < ENOUGH or len(new) < SEVERAL:
        raise Inconclusive("too few requests with a known node came with the same and with another session id")
    likeliest = max(visits.shares.of(node) for node in visits.nodes)
    if not any(same) and 0 < sum(new) < SEVERAL:
        raise Inconclusive("no client moved but one, once, when its session id was another one")
    if not any(same) and sum(new) >= SEVERAL:
        text = f"a new session id led to another node {sum(new)} of {len(new)} times, the same id never ({len(same)})"
        trace = next(trace for trace in traces if any(changed and moved for changed, moved in _steps(trace)))
        yield Problem(text, seen={"client": visits.client(trace)}, chance=likeliest ** len(same))
    else:
        power = 1.0 if any(same) else 1.0 - likeliest ** len(new)
        yield Fine("clients do not change their node with their session id", power=power)


def _steps(trace: Trace) -> Iterator[tuple[bool, bool]]:
    """Of each two requests in a row: whether they carried different ids, and whether different nodes answered."""
    sent = ["", *(exchange.session for exchange in trace.exchanges)]
    for (number, before), (_, after) in pairwise(enumerate(trace.exchanges)):
        if _alone(before) and _alone(after):
            yield sent[number] != sent[number + 1], before.first != after.first


def _alone(exchange: Exchange) -> bool:
    """Whether one known node gave all answers of a visit."""
    return exchange.first != "" and set(exchange.answered) <= {exchange.first}
