"""Does a browser send one cookie of each name?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.HIGH)
def cookie_sent_twice(visits: Visits) -> Verdicts:
    """A browser sends two cookies of one name.

    A server usually reads the first one, that with the longer Path, else the older one: the stale one.
    """
    if not visits.cookies:
        raise Inconclusive("no cookie was set")
    doubled = visits.doubled
    if visits.captured and not visits.returning:
        raise Inconclusive("the capture shows no client that came back")
    session = visits.session_cookie
    if session and session.name in doubled:
        yield Problem(f"browsers send two cookies called {session.name}, and a server reads one of them")
    elif doubled:
        yield Problem(f"browsers send two cookies called {doubled[0]}", chance=0.5)
    else:
        yield Fine("each cookie is sent once")
