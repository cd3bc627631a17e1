"""Does the session cookie live as long as the session?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, check

TOLERANCE_S = 5  # between setting a cookie and looking at it


@check(severity=Severity.MEDIUM, role="loss")
def cookie_lifetime_short(visits: Visits, topology: Topology) -> Verdicts:
    """The session cookie expires before the session does.

    The browser forgets the id while the session still exists: users are logged out after Max-Age or at Expires.
    """
    idle = topology.site.idle_timeout
    if idle is None:
        raise NotApplicable("the idle timeout is not known", hint="declare site.idle_timeout")
    cookie = visits.session_cookie
    if cookie is None:
        raise NotApplicable("no session cookie was set")
    if cookie.lifetime_s is not None and cookie.lifetime_s < idle - TOLERANCE_S:
        yield Problem(f"{cookie.name} expires after {cookie.lifetime_s:.0f} s; sessions live {int(idle)} s")
    else:
        yield Fine(f"{cookie.name} lives as long as the session")
