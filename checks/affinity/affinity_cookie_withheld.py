"""Does a browser send the affinity cookie back?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.HIGH)
def affinity_cookie_withheld(visits: Visits) -> Verdicts:
    """A browser does not send the affinity cookie back.

    Domain, Path, Secure or SameSite of the balancer's cookie do not fit the site, so that each request starts anew.
    """
    cookies = [cookie for cookie in visits.cookies if cookie.role == "affinity"]
    if not cookies:
        raise NotApplicable("no affinity cookie was seen")
    for cookie in cookies:
        why = cookie.refused or cookie.withheld
        yield Problem(f"{cookie.name}: {why}") if why else Fine(f"{cookie.name} is returned")
