"""Does a client hold more and more cookies?"""

from itertools import pairwise

from sessiondoctor.api import Fine, Inconclusive, Problem, Severity, Trace, Verdicts, Visits, check

ENOUGH = 4  # visits of one client
TOO_LARGE = {400, 413, 431, 494}  # request header too large: RFC 6585 5, nginx's own 494


@check(severity=Severity.MEDIUM)
def cookies_grow(visits: Visits) -> Verdicts:
    """Each visit leaves one more cookie with the client.

    Cookies whose names are new each time (a nonce, a state, a token of one login) are never replaced. All of them are
    sent with every request, until the request is larger than a proxy or server accepts.
    """
    traces = [trace for trace in visits.returning if len(trace.exchanges) >= ENOUGH]
    if not traces:
        raise Inconclusive("no client came back often enough")
    growing = [trace for trace in traces if _grows(trace)]
    if growing:
        trace = growing[0]
        first, last = trace.exchanges[0].held, trace.exchanges[-1].held
        refused = any(exchange.status in TOO_LARGE for exchange in trace.exchanges)
        more = ", and then its request was too large" if refused else ""
        yield Problem(f"a client held {first} cookies after its first visit and {last} after {_visits(trace)}{more}")
    else:
        yield Fine("the number of a client's cookies stays the same")


def _grows(trace: Trace) -> bool:
    pairs = list(pairwise(exchange.held for exchange in trace.exchanges))
    return all(after > before for before, after in pairs[1:])


def _visits(trace: Trace) -> str:
    return f"{len(trace.exchanges)} visits"
