"""Does a session survive the images, scripts and style sheets of a page?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, PageLoad, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH, role="loss")
def session_lost_after_assets(page_load: PageLoad) -> Verdicts:
    """A session is lost when the files of a page are loaded.

    An image or script that answers with a session cookie of its own replaces the one that the browser holds: another
    application behind the same host, or a server that does not know the session.
    """
    if not page_load.assets:
        raise NotApplicable("the page has no image, script or style sheet of its own host")
    if page_load.after_assets == "unknown":
        raise Inconclusive("no answer tells whether the state is there after the files of the page")
    setting = [asset.path for asset in page_load.assets if asset.sets_session]
    if page_load.after_assets == "lost" and setting:
        yield Problem(f"state is gone after {setting[0]}, which sets the session cookie", seen={"paths": setting})
    elif page_load.after_assets == "lost":
        raise Inconclusive("state is gone after the files of the page, and none of them sets the session cookie")
    else:
        yield Fine(f"state survives {len(page_load.assets)} files of the page")
