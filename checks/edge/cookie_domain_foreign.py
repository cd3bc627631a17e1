"""Does the session cookie's Domain cover the site?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.HIGH, role="loss")
def cookie_domain_foreign(visits: Visits) -> Verdicts:
    """The session cookie's Domain does not cover the site's host.

    A browser drops such a cookie without a word (RFC 6265bis, 5.7), and every request starts a new session.
    """
    cookie = visits.session_cookie
    if cookie is None:
        raise NotApplicable("no session cookie was set")
    why = cookie.unsent
    if cookie.domain and "domain" in why.lower():
        yield Problem(f"{cookie.name} is set for Domain={cookie.domain}: {why}")
    else:
        yield Fine(f"{cookie.name} is set for this host")
