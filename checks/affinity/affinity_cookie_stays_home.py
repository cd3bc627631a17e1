"""Goes the affinity cookie wherever the session cookie goes?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.HIGH)
def affinity_cookie_stays_home(visits: Visits) -> Verdicts:
    """Browsers keep the affinity cookie from other sites, not the session cookie.

    An application that sets `SameSite=None` is made to be framed or called by other sites. A balancer's cookie without
    that is `Lax` to browsers: there the session arrives, and the server that has it is not found. Two cookies of one
    balancer count as one (AWSALB and AWSALBCORS).
    """
    session = visits.session_cookie
    affinity = [cookie for cookie in visits.cookies if cookie.role == "affinity" and not cookie.refused]
    if session is None or not affinity:
        raise NotApplicable("no session cookie beside an affinity cookie was seen")
    if session.same_site != "none" or session.refused:
        raise NotApplicable(f"{session.name} is not for requests from other sites")
    going = [cookie.name for cookie in affinity if cookie.same_site == "none"]
    if going:
        yield Fine(f"{going[0]} goes to other sites as {session.name} does")
    else:
        yield Problem(
            f"from other sites a browser sends {session.name}, which has SameSite=None, and not {affinity[0].name}",
            seen={"session": session.name, "affinity": [cookie.name for cookie in affinity]},
        )
