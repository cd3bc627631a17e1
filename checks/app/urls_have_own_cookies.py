"""Does another URL of the site hand out a session cookie of its own?"""

from sessiondoctor.api import EntryPoints, Fine, Inconclusive, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.LOW)
def urls_have_own_cookies(entry_points: EntryPoints, visits: Visits) -> Verdicts:
    """Another URL of the site sets a session cookie of another name.

    There is another application behind it, with sessions of its own.
    """
    entry_tests = [entry_test for entry_test in entry_points.of("url") if not entry_test.trouble]
    if not entry_tests:
        raise NotApplicable("the site has one URL; declare site.urls")
    cookie = visits.session_cookie
    if cookie is None:
        raise Inconclusive("no session cookie was set")
    for entry_test in entry_tests:
        name = entry_test.entry_point.name
        others = [other for other in entry_test.session_cookies if other != cookie.name]
        if others:
            yield Problem(
                f"{name} sets {', '.join(others)}, {entry_points.home} sets {cookie.name}", subject=name, where=(name,)
            )
        else:
            yield Fine("no other URL sets a session cookie of another name", subject=name)
