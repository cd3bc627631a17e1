"""Check `site-gives-no-page`."""

from sessiondoctor.api import (
    CrossSiteVisits,
    EntryPoints,
    Fine,
    Logins,
    NotApplicable,
    Problem,
    Rehearsal,
    Severity,
    Sockets,
    Verdicts,
    Visits,
    check,
)


@check(severity=Severity.HIGH, role="blocks", blocks=(Visits, EntryPoints, CrossSiteVisits, Logins))
def site_gives_no_page(rehearsal: Rehearsal, sockets: Sockets | None) -> Verdicts:
    """The site answers with an error or a redirect, not a page.

    Asked by several new clients, and by every step of a declared flow. Such answers say nothing about sessions. A
    server of MCP or of sockets alone needs no page.
    """
    if rehearsal.no_page and sockets and any(one.opened for one in sockets.tries):
        raise NotApplicable("the site has no page, and its endpoint for connections answers")
    if rehearsal.no_page:
        yield Problem(str(rehearsal.no_page), seen={"obstacle": rehearsal.no_page.obstacle})
        return
    yield Fine("the site gives pages")
