"""Does the session cookie fit into a browser?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check

LIMIT = 4096  # octets of name and value together: RFC 6265bis, section 5.6


@check(severity=Severity.HIGH, role="loss")
def cookie_oversized(visits: Visits) -> Verdicts:
    """The session cookie is larger than browsers accept.

    A browser drops a cookie whose name and value together exceed 4096 octets, without a word.
    """
    cookie = visits.session_cookie
    if cookie is None:
        raise NotApplicable("no session cookie was set")
    if cookie.size > LIMIT:
        yield Problem(f"{cookie.name} has {cookie.size} bytes, browsers accept {LIMIT}")
    else:
        yield Fine(f"{cookie.name} has {cookie.size} bytes")
