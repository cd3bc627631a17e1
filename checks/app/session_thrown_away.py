"""Do nodes throw a session away that comes through the site?"""

from collections.abc import Iterator

from sessiondoctor.api import Exchange, Fine, Inconclusive, Problem, Replay, Severity, Trace, Verdicts, Visits, check


@check(severity=Severity.HIGH)
def session_thrown_away(visits: Visits, replay: Replay) -> Verdicts:
    """A node discards valid sessions that come through the public entry.

    A new client who sends none is given none, so the cookie arrives; asked directly, the node knows such sessions. It
    ends the session for how the request came: from another address, with another Host, or with another header.
    """
    cookie = visits.session_cookie
    if cookie is None or visits.strangers_set is not False:
        raise Inconclusive("it is unclear whether the cookie reaches the nodes")
    if replay.way != "direct":
        raise Inconclusive("the nodes were not asked directly")
    if any(cell.differs for cell in replay.other):
        raise Inconclusive("what a node knows depends on the session")
    known = {(cell.created_on, cell.read_on) for cell in replay.answered if cell.state == "kept"}
    looks = [
        exchange for trace in visits.returning for exchange in _looks(trace) if (trace.home, exchange.node) in known
    ]
    if not looks:
        raise Inconclusive("no request came to a node that knows such a session when it is asked directly")
    thrown = [exchange for exchange in looks if exchange.state == "lost" and cookie.name in exchange.set_cookies]
    if thrown:
        text = f"{thrown[0].node} replaces {cookie.name} of a session that it should know"
        yield Problem(text, seen={"client": visits.client(visits.returning[0])})
    else:
        yield Fine("nodes keep sessions that come through the public entry")


def _looks(trace: Trace) -> Iterator[Exchange]:
    """Looks with the first session; after another one replaced it nothing can be said."""
    for exchange in trace.exchanges[1:]:
        if not exchange.original:
            return
        if exchange.state != "unknown":
            yield exchange
