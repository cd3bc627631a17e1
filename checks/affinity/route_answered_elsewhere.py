"""Does the node that the session's cookie names answer?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, ShownCookies, Verdicts, check


@check(severity=Severity.HIGH)
def route_answered_elsewhere(captures: tuple[ShownCookies, ...]) -> Verdicts:
    """Another node answers than the one that the session's id names.

    So it is after fail-over, if the new node does not write its own route into the cookie: each request is tried at
    the dead node first.
    """
    sent = [one for captured in captures for one in captured.sent if one.route and one.node]
    if not sent:
        raise NotApplicable("no capture shows a route in a cookie and who answered")
    strayed = [one for one in sent if one.route.lower() != one.node.lower() and not one.renamed]
    for one in strayed[:1]:
        text = f"the session's id names {one.route}, {one.node} answers, and the id is not changed"
        yield Problem(text, where=(one.route, one.node), at=one.at)
    if not strayed:
        yield Fine("the node that the cookie names answers, or writes its own name into it")
