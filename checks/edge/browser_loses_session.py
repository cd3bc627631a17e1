"""Does a browser keep what a plain client keeps?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.HIGH, role="loss")
def browser_loses_session(visits: Visits) -> Verdicts:
    """A browser loses a session that an unfiltered client keeps.

    Two clients make the same requests; one follows a browser's rules, the other sends back whatever was set. Where only
    the second keeps its state, an attribute of the cookie does not fit the site, and nothing behind it is to blame.
    """
    if visits.raw is None:
        raise NotApplicable("a browser returns every cookie that was set")
    kept = [exchange for exchange in visits.raw.exchanges[1:] if exchange.state == "kept"]
    if kept and any(trace.lost for trace in visits.returning):
        yield Problem("a browser loses the session; an unfiltered client keeps it")
    else:
        yield Fine("a browser and an unfiltered client get the same result", power=1.0 if kept else 0.0)
