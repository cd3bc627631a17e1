"""Are the cookies of a login sent when the provider answers by POST?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Verdicts, Visits, check

YOUNG = "; only in their first two minutes some browsers send them all the same"


@check(severity=Severity.HIGH, role="loss")
def post_back_withheld(visits: Visits) -> Verdicts:
    """Browsers withhold the login's cookies when the provider answers by POST.

    Read from a redirect that asks for `response_mode=form_post`, as Sign in with Apple does, or begins a SAML login.
    Such a POST comes from another site, and only cookies with SameSite=None are sent with it.
    """
    if not visits.awaited_by_post:
        raise NotApplicable("no redirect was seen that leads to a login which answers by POST")
    held = [one for one in visits.cookies if one.name in visits.awaited_by_post and one.same_site.lower() != "none"]
    if not held:
        yield Fine("the cookies set on the way to the login are sent with its answer")
        return
    names = ", ".join(sorted({one.name for one in held}))
    young = "" if any(one.same_site for one in held) else YOUNG
    yield Problem(f"the login answers by POST from another site, and browsers withhold {names} then{young}")
