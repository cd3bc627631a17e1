"""Does the session cookie's Path cover the page that needs it?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.HIGH, role="loss")
def cookie_path_narrow(visits: Visits) -> Verdicts:
    """The session cookie's Path leaves out pages that need the session.

    Often the path under which the application runs behind the proxy, which the public URL does not have.
    """
    cookie = visits.session_cookie
    if cookie is None:
        raise NotApplicable("no session cookie was set")
    if cookie.withheld.startswith("Path"):
        yield Problem(f"{cookie.name}: {cookie.withheld}")
    else:
        yield Fine(f"Path={cookie.path} covers the pages asked")
