"""Does every node that accepts a write set a session cookie?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Replay,
    Severity,
    Verdicts,
    Visits,
    check,
    named,
)

ERROR = 400


@check(severity=Severity.CRITICAL)
def cookie_set_by_some_nodes(visits: Visits, replay: Replay | None) -> Verdicts:
    """Some nodes set a session cookie and others do not.

    The others keep it back, as Express does with a Secure cookie where it takes the request for plain HTTP.
    """
    if not visits.flow:
        raise NotApplicable("which request writes state is not declared", hint="declare site.flow")
    seen = (*_through_site(visits), *(_directly(replay) if replay else ()))
    setting = {node for node, sets in seen if sets}
    silent = {node for node, _ in seen} - setting
    if not setting:
        raise NotApplicable("no node was seen to set a session cookie")
    if silent:
        where = tuple(sorted(silent))
        yield Problem(
            f"{named(where, 'sets', 'set')} no session cookie; {named(sorted(setting), 'does', 'do')}", where=where
        )
    elif len(setting) > 1:
        yield Fine("every node that was asked sets a session cookie", power=1.0 if replay else 0.5)
    else:
        raise Inconclusive("one node only was seen to answer a write")


def _through_site(visits: Visits) -> tuple[tuple[str, bool], ...]:
    """Nodes that accepted the write of a new client, and whether they set a cookie, by whatever name."""
    balancers = {cookie.name for cookie in visits.cookies if cookie.role == "affinity"}
    firsts = [trace.exchanges[0] for trace in visits.returning]
    answered = (exchange for exchange in firsts if exchange.node and 0 < exchange.status < ERROR)
    return tuple((exchange.node, bool(set(exchange.set_cookies) - balancers)) for exchange in answered)


def _directly(replay: Replay) -> tuple[tuple[str, bool], ...]:
    answered = (visit for visit in replay.visits if 0 < visit.status < ERROR and not visit.trouble)
    return tuple((visit.node, visit.session_cookie is not None) for visit in answered)
