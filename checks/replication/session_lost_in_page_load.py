"""Does a session survive the requests that one page load sends at once?"""

from sessiondoctor.api import Fine, Inconclusive, PageLoad, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.HIGH, role="loss")
def session_lost_in_page_load(page_load: PageLoad, visits: Visits | None) -> Verdicts:
    """A session is lost when a page sends several requests at once.

    The same requests, one after the other, found the state each time before. An id that is changed while other requests
    still carry the old one, or a session that is written back as a whole, ends this way.
    Where clients lose theirs one request after the other, several connections to several nodes are enough for it.
    """
    if page_load.before < page_load.looks or (visits and visits.lost):
        raise Inconclusive("sessions are lost one request after the other as well")
    if page_load.after == "unknown" or not page_load.at_once:
        raise Inconclusive("no answer tells whether the state is there after requests at once")
    renewed = f"; {page_load.replaced} of {page_load.at_once} answers replaced the session cookie"
    if page_load.after == "lost":
        text = f"state that {page_load.before} requests in a row had found is gone after {page_load.at_once} at once"
        yield Problem(text + (renewed if page_load.replaced else ""), seen={"replaced": page_load.replaced})
    else:
        yield Fine(f"state survives {page_load.at_once} requests at once")
