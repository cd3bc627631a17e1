"""Is the session cookie hardened?"""

from sessiondoctor.api import Cookie, Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.LOW, role="hygiene")
def cookie_flags_missing(visits: Visits) -> Verdicts:
    """The session cookie lacks HttpOnly, Secure or SameSite.

    It loses no session; it makes stealing one easier, by a script, on plain HTTP, or from another site.
    """
    cookie = visits.session_cookie
    if cookie is None:
        raise NotApplicable("no session cookie was set")
    missing = _missing(cookie, tls=visits.tls)
    yield Problem(f"{cookie.name} lacks {', '.join(missing)}") if missing else Fine(f"{cookie.name} has all flags")


def _missing(cookie: Cookie, *, tls: bool) -> list[str]:
    wanted = {"HttpOnly": cookie.http_only, "Secure": cookie.secure or not tls, "SameSite": bool(cookie.same_site)}
    return [name for name, there in wanted.items() if not there]
