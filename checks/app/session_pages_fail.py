"""Do pages that use the session fail?"""

from sessiondoctor.api import (
    Exchange,
    Fine,
    NotApplicable,
    Problem,
    Rehearsal,
    Replay,
    Severity,
    Trace,
    Verdicts,
    Visits,
    check,
)

GATEWAY = {502, 503, 504}  # a proxy's own: see gateway-error
SERVER_ERROR = 500


@check(severity=Severity.CRITICAL, role="loss")
def session_pages_fail(visits: Visits, rehearsal: Rehearsal | None, replay: Replay | None) -> Verdicts:
    """Pages that use the session answer with a server error.

    The application found something that it cannot read, or could not store what it was given. Which nodes do so, and
    whether only after a move, tells more. Errors of a proxy (502, 503, 504) are another check's, and so is a form that
    is refused, before anything is in the session, because another node has answered with its page.
    """
    if not visits.flow:
        raise NotApplicable("which pages use the session is not declared", hint="declare site.flow")
    exchanges = [exchange for trace in visits.returning for exchange in trace.exchanges if exchange.status]
    failed = [exchange for exchange in exchanges if _fails(exchange)]
    if failed and _only_between_nodes(rehearsal, replay):
        failed = [exchange for trace in visits.returning for exchange in _after_making(trace) if _fails(exchange)]
        if not failed:
            raise NotApplicable("pages fail only where two nodes share the steps that make a session")
    if not failed:
        yield Fine("no page of a session was answered with a server error")
        return
    nodes, others = (
        {exchange.node for exchange in failed},
        {exchange.node for exchange in exchanges} - {exchange.node for exchange in failed},
    )
    trace = next(trace for trace in visits.returning if any(exchange in failed for exchange in trace.exchanges))
    text = f"{len(failed)} of {len(exchanges)} requests of returning clients were answered {failed[0].status}"
    yield Problem(
        text, where=tuple(sorted(filter(None, nodes))) if others else (), seen={"client": visits.client(trace)}
    )


def _fails(exchange: Exchange) -> bool:
    return exchange.status >= SERVER_ERROR and exchange.status not in GATEWAY


def _after_making(trace: Trace) -> tuple[Exchange, ...]:
    """The requests after one that showed what was put into the session."""
    made = next((number for number, exchange in enumerate(trace.exchanges) if exchange.state == "kept"), None)
    return () if made is None else trace.exchanges[made + 1 :]


def _only_between_nodes(rehearsal: Rehearsal | None, replay: Replay | None) -> bool:
    """Whether the flow works on one node and not on several, and no node fails on a session that another one made."""
    runs = {run.way: run for run in rehearsal.runs} if rehearsal else {}
    usual, others = runs.get("site"), [runs[way] for way in ("apart", "node") if way in runs]
    if usual is None or usual.works or not any(run.works for run in others):
        return False
    if replay is None:
        return True
    return all(cell.state == "kept" for cell in replay.own) and all(cell.state != "error" for cell in replay.other)
