"""Do several applications of one host use one cookie name?"""

from sessiondoctor.api import (
    Crossing,
    Doors,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Verdicts,
    Visits,
    check,
)


@check(severity=Severity.HIGH)
def urls_share_cookie_name(doors: Doors, visits: Visits) -> Verdicts:
    """Visiting another URL of the site replaces the session cookie by another application's.

    Both applications call their cookie by the same name, so that each throws the other's session away.
    """
    crossings = [crossing for crossing in doors.of("url", "scheme") if crossing.there]
    if not crossings:
        raise NotApplicable("the site has one URL; declare site.urls")
    cookie = visits.session_cookie
    if cookie is None:
        raise Inconclusive("no session cookie was set")
    for crossing in crossings:
        name = crossing.door.name
        if cookie.name in crossing.session_cookies and _clobbered(crossing):
            text = f"after a visit to {name} the session of {doors.home} is gone: both call it {cookie.name}"
            yield Problem(text, subject=name, where=(name,))
        else:
            yield Fine("the session is still there after a visit", subject=name)


def _clobbered(crossing: Crossing) -> bool:
    """Lost at home after the visit, and replaced there."""
    replaced = any(hop.renewed or crossing.made.session != hop.session for hop in crossing.there)
    return replaced and bool(crossing.back) and all(hop.state == "lost" for hop in crossing.back)
