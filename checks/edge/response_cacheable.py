"""May a shared cache keep the response that sets the session cookie?"""

import re

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check

HIT = re.compile(r"\bhit\b", re.IGNORECASE)
FORBIDS = re.compile(r"no-store|private", re.IGNORECASE)
ALLOWS = re.compile(r"\bpublic\b|s-maxage=[1-9]", re.IGNORECASE)


@check(severity=Severity.HIGH)
def response_cacheable(visits: Visits) -> Verdicts:
    """A shared cache stores, or may store, pages of a session.

    A cache that does not tell users apart hands one user's page, or session cookie, to another.
    """
    if visits.session_cookie is None:
        raise NotApplicable("no session cookie was set")
    headers = visits.headers
    cache, policy = (
        " ".join((headers.get("x-cache", ""), headers.get("cf-cache-status", ""))),
        headers.get("cache-control", ""),
    )
    if visits.cached_reads:
        yield Problem(f"{visits.cached_reads} requests of clients with a session were answered by a shared cache")
    elif HIT.search(cache) or headers.get("age", "0").strip() not in {"", "0"}:
        yield Problem("the entry page is served from a shared cache")
    elif ALLOWS.search(policy) and not FORBIDS.search(policy):
        yield Problem("the entry page's Cache-Control lets a shared cache keep it")
    else:
        yield Fine("nothing says that a shared cache keeps it")
