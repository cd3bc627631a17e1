"""Does the session survive the way back from another site?"""

from sessiondoctor.api import CrossSiteVisits, Fine, Inconclusive, Problem, Severity, Verdicts, check

WORDS = {"post": "is sent by POST from", "iframe": "looks at it in a frame of", "fetch": "runs a script of"}


@check(severity=Severity.HIGH, role="loss")
def cross_site_withheld(cross_site_visits: CrossSiteVisits) -> Verdicts:
    """A browser withholds the session cookie when users arrive from another site.

    Judged by a browser's rules for SameSite from the cookie as it was set; nothing is sent for it.
    """
    if not cross_site_visits.session_cookie:
        raise Inconclusive("no session cookie was set")
    for number, cross_site_visit in enumerate(cross_site_visits.cross_site_visits):
        if cross_site_visit.session:
            who = f"a user who {WORDS[cross_site_visit.kind]} {cross_site_visit.from_}"
            young = "; only in its first two minutes it is sent all the same" if cross_site_visit.only_new else ""
            text = f"{who} comes without {cross_site_visits.session_cookie}: {cross_site_visit.session}{young}"
            yield Problem(text, subject=cross_site_visit.from_, at=("site", "cross_site", number))
        else:
            yield Fine(f"{cross_site_visits.session_cookie} is sent", subject=cross_site_visit.from_)
