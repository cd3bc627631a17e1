"""Does a browser send the affinity cookie back?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.HIGH)
def affinity_cookie_withheld(visits: Visits) -> Verdicts:
    """A browser does not send the affinity cookie back.

    Domain, Path, Secure or SameSite of the balancer's cookie do not fit the site, so that each request starts anew. A
    balancer that sets two, one of them for requests from other sites, needs only one of them.
    """
    cookies = [cookie for cookie in visits.cookies if cookie.role == "affinity"]
    if not cookies:
        raise NotApplicable("no affinity cookie was seen")
    returned = {cookie.product for cookie in cookies if not cookie.unsent}
    for cookie in cookies:
        why = cookie.unsent
        if why and cookie.product not in returned:
            yield Problem(f"{cookie.name}: {why}")
        else:
            yield Fine(
                f"{cookie.name} is returned" if not why else f"another cookie of the balancer is returned: {why}"
            )
