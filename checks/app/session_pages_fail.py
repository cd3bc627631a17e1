"""Do pages that use the session fail?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check

GATEWAY = {502, 503, 504}  # a proxy's own: see gateway-error
SERVER_ERROR = 500


@check(severity=Severity.CRITICAL, role="loss")
def session_pages_fail(visits: Visits) -> Verdicts:
    """Pages that use the session answer with a server error.

    The application found something that it cannot read, or could not store what it was given. Which nodes do so, and
    whether only after a move, tells more. Errors of a proxy (502, 503, 504) are another check's.
    """
    if not visits.flow:
        raise NotApplicable("which pages use the session is not declared", hint="declare site.flow")
    exchanges = [exchange for trace in visits.returning for exchange in trace.exchanges if exchange.status]
    failed = [exchange for exchange in exchanges if exchange.status >= SERVER_ERROR and exchange.status not in GATEWAY]
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
