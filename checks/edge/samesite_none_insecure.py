"""Is SameSite=None accompanied by Secure?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.HIGH, role="loss")
def samesite_none_insecure(visits: Visits) -> Verdicts:
    """The session cookie says SameSite=None without Secure.

    Browsers reject such a cookie without a word, and every request starts a new session.
    """
    cookie = visits.session_cookie
    if cookie is None:
        raise NotApplicable("no session cookie was set")
    if cookie.same_site == "none" and not cookie.secure:
        yield Problem(f"{cookie.name} has SameSite=None and no Secure: browsers reject it")
    else:
        yield Fine(f"{cookie.name} has SameSite={cookie.same_site or 'unset'}")
