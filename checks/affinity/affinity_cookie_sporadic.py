"""Does every first response carry the affinity cookie?"""

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Severity, Verdicts, Visits, check

ENOUGH = 4  # first responses below which one exception says nothing


@check(severity=Severity.HIGH)
def affinity_cookie_sporadic(visits: Visits) -> Verdicts:
    """Some first responses carry the affinity cookie and some do not.

    A balancer may leave it out on cacheable responses, on paths of another rule, or on errors.
    """
    if not visits.affinity_cookies:
        raise NotApplicable("no affinity cookie was seen")
    answered = [exchange for exchange in visits.firsts if not exchange.trouble]
    if len(answered) < ENOUGH:
        raise Inconclusive("too few first responses")
    if 0 < visits.fresh_with_affinity < len(answered):
        yield Problem(f"{visits.fresh_with_affinity} of {len(answered)} first responses carried the affinity cookie")
    else:
        yield Fine(f"{visits.fresh_with_affinity} of {len(answered)} first responses carried it")
