"""Is everything that the site answers sealed by one Data Protection key?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check


@check(severity=Severity.CRITICAL)
def pages_sealed_by_several_keys(visits: Visits) -> Verdicts:
    """Answers of one site are sealed with different Data Protection keys.

    The id of the key is readable in every protected value: a cookie, a form's token, a marker of Blazor. New values are
    all sealed with the newest key of a ring, so two ids within seconds mean two key rings, or a rotation just now.
    """
    if not visits.page_keys:
        raise NotApplicable("nothing that the site answers is sealed by ASP.NET Core Data Protection")
    if len(visits.page_keys) > 1:
        yield Problem(f"within seconds, answers are sealed with {len(visits.page_keys)} different Data Protection keys")
    else:
        yield Fine("all answers are sealed with one Data Protection key")
