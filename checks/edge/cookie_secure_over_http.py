"""Do the cookie and the site agree on TLS?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.CRITICAL, role="loss")
def cookie_secure_over_http(visits: Visits) -> Verdicts:
    """The session cookie is Secure, and the site uses plain HTTP.

    A browser neither stores a Secure cookie from plain HTTP nor returns one to it.
    """
    cookie = visits.session_cookie
    if cookie is None:
        raise NotApplicable("no session cookie was set")
    if cookie.secure and not visits.tls:
        yield Problem(f"{cookie.name} is Secure, and the site's URL is plain HTTP")
    else:
        yield Fine("the cookie fits the scheme")
