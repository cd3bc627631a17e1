"""Is the cookie sent when users come back from the provider where they log in?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check

ELSEWHERE = "login-elsewhere"


@check(severity=Severity.HIGH)
def strict_cookie_on_way_back(configs: Configs) -> Verdicts:
    """The session cookie is SameSite=Strict, and users log in at another site.

    On the way back from there a browser sends no such cookie: the state of the login is missing, and it begins anew.
    """
    elsewhere = {one.owner for one in configs.settings if one.name == ELSEWHERE}
    cookies = [one for one in configs.session_cookies if one.cookie.same_site and one.owner in elsewhere]
    if not cookies:
        raise NotApplicable("no given file has SameSite of a session cookie and a login at another site")
    strict = [one for one in cookies if one.cookie.same_site == "strict"]
    for cookie in strict:
        text = "the session cookie is SameSite=Strict: a browser does not send it on the way back from the login"
        yield Problem(text, subject=cookie.owner, where=(cookie.owner,), at=cookie.at)
    if not strict:
        yield Fine("the session cookie is sent on the way back from the login")
