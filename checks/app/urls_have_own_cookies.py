"""Does another URL of the site hand out a session cookie of its own?"""

from sessiondoctor.api import Doors, Fine, Inconclusive, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.LOW)
def urls_have_own_cookies(doors: Doors, visits: Visits) -> Verdicts:
    """Strangers get a session cookie of another name at another URL of the site.

    There is another application behind it, with sessions of its own.
    """
    crossings = [crossing for crossing in doors.of("url") if not crossing.trouble]
    if not crossings:
        raise NotApplicable("the site has one URL; declare site.urls")
    cookie = visits.session_cookie
    if cookie is None:
        raise Inconclusive("no session cookie was set")
    for crossing in crossings:
        name = crossing.door.name
        others = [other for other in crossing.session_cookies if other != cookie.name]
        if others:
            yield Problem(
                f"{name} sets {', '.join(others)}, {doors.home} sets {cookie.name}", subject=name, where=(name,)
            )
        else:
            yield Fine("no other session cookie", subject=name)
