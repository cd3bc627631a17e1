"""Do files that caches may keep carry a session cookie?"""

from sessiondoctor.api import Fine, NotApplicable, PageLoad, Problem, Severity, Verdicts, check


@check(severity=Severity.MEDIUM, role="hygiene")
def cacheable_asset_sets_session(page_load: PageLoad) -> Verdicts:
    """A file that shared caches may keep sets the session cookie.

    A cache that keeps the response with its Set-Cookie hands one session to everybody (RFC 9111, 7.3).
    """
    if not page_load.assets:
        raise NotApplicable("the page has no image, script or style sheet of its own host")
    for asset in page_load.assets:
        if asset.cacheable and asset.sets_session:
            yield Problem(f"{asset.path} may be cached by everybody, and sets the session cookie", subject=asset.path)
        else:
            yield Fine(f"{asset.path} hands no session to caches", subject=asset.path)
