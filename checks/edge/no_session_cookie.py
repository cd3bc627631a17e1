"""Is a session cookie set at all?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.CRITICAL, role="loss", shows="no-cookie-handed-out")
def no_session_cookie(visits: Visits) -> Verdicts:
    """No session cookie is set, though state was written.

    Without one the next request is a new client's. Express sets none if its cookie is Secure and it takes the request
    for plain HTTP.
    """
    cookie = visits.session_cookie
    if cookie:
        yield Fine(f"{cookie.name} is set")
        return
    if visits.carrier != "cookie":
        raise NotApplicable(f"the session travels in {'a header' if visits.carrier == 'header' else 'URLs'}")
    if not visits.flow:
        raise Inconclusive("no session cookie was set; the page may simply need none: declare site.flow")
    if not any(trace.lost for trace in visits.returning):
        raise Inconclusive(
            "no cookie was recognised as the session's, and no state was lost: declare site.session_cookie"
        )
    if any(exchange.state == "kept" for trace in visits.returning for exchange in trace.exchanges[1:]):
        raise Inconclusive("state was found again without a cookie: the session travels in something else")
    yield Problem("state was written and no session cookie came back")
