"""Does the session survive the way back from another site?"""

from sessiondoctor.api import Arrivals, Fine, Inconclusive, Problem, Severity, Verdicts, check

WORDS = {"post": "is sent by POST from", "iframe": "looks at it in a frame of", "fetch": "runs a script of"}


@check(severity=Severity.HIGH, role="loss")
def cross_site_withheld(arrivals: Arrivals) -> Verdicts:
    """A browser does not send the session cookie when the user arrives from a declared other site.

    Judged by a browser's rules for SameSite from the cookie as it was set; nothing is sent for it.
    """
    if not arrivals.session_cookie:
        raise Inconclusive("no session cookie was set")
    for number, arrival in enumerate(arrivals.arrivals):
        if arrival.session:
            who = f"a user who {WORDS[arrival.kind]} {arrival.from_}"
            young = "; only in its first two minutes it is sent all the same" if arrival.only_new else ""
            text = f"{who} comes without {arrivals.session_cookie}: {arrival.session}{young}"
            yield Problem(text, subject=arrival.from_, at=("site", "cross_site", number))
        else:
            yield Fine(f"{arrivals.session_cookie} is sent", subject=arrival.from_)
