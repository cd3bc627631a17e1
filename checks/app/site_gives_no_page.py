"""Check `site-gives-no-page`."""

from sessiondoctor.api import (
    CrossSiteVisits,
    EntryPoints,
    Fine,
    Logins,
    Problem,
    Rehearsal,
    Severity,
    Verdicts,
    Visits,
    check,
)


@check(severity=Severity.HIGH, role="blocks", blocks=(Visits, EntryPoints, CrossSiteVisits, Logins))
def site_gives_no_page(rehearsal: Rehearsal) -> Verdicts:
    """The site answers an error or a redirect elsewhere, and no page.

    Asked by several new clients, and by every step of a declared flow. Such answers say nothing about sessions.
    """
    if rehearsal.no_page:
        yield Problem(str(rehearsal.no_page), seen={"obstacle": rehearsal.no_page.obstacle})
        return
    yield Fine("the site gives pages")
