"""Do several applications of one host use one cookie name?"""

from sessiondoctor.api import (
    EntryPoints,
    EntryPointTest,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Verdicts,
    Visits,
    check,
)


@check(severity=Severity.HIGH)
def urls_share_cookie_name(entry_points: EntryPoints, visits: Visits) -> Verdicts:
    """Another application of the site overwrites the session cookie.

    Both applications call their cookie by the same name, so that each throws the other's session away.
    """
    entry_tests = [entry_test for entry_test in entry_points.of("url", "scheme") if entry_test.there]
    if not entry_tests:
        raise NotApplicable("the site has one URL; declare site.urls")
    cookie = visits.session_cookie
    if cookie is None:
        raise Inconclusive("no session cookie was set")
    for entry_test in entry_tests:
        name = entry_test.entry_point.name
        if cookie.name in entry_test.session_cookies and _clobbered(entry_test):
            text = f"after a visit to {name} the session of {entry_points.home} is gone: both call it {cookie.name}"
            yield Problem(text, subject=name, where=(name,))
        else:
            yield Fine("the session is still there after a visit", subject=name)


def _clobbered(entry_test: EntryPointTest) -> bool:
    """Lost at home after the visit, and replaced there."""
    replaced = any(exchange.renewed or entry_test.made.session != exchange.session for exchange in entry_test.there)
    return replaced and bool(entry_test.back) and all(exchange.state == "lost" for exchange in entry_test.back)
