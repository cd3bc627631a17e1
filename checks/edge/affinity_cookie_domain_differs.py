"""Has the balancer's cookie the same Domain wherever it was seen?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, ShownCookies, Verdicts, check

SEVERAL = 2


@check(severity=Severity.HIGH)
def affinity_cookie_domain_differs(captures: tuple[ShownCookies, ...]) -> Verdicts:
    """The Domain of the balancer's cookie differs between places.

    With a Domain the cookie goes to other hosts, too, and lies beside one without it: a browser may send both.
    """
    seen = [(name, one.places(name)) for one in captures for name in one.names]
    places = [(name, list(found.values())) for name, found in seen if len(found) >= SEVERAL]
    bound = [(name, cookies) for name, cookies in places if cookies[0].role == "affinity"]
    if not bound:
        raise NotApplicable("no capture shows the balancer's cookie of several places")
    differing = [(name, cookies) for name, cookies in bound if len({one.domain for one in cookies}) > 1]
    for name, cookies in differing:
        odd = next(one for one in cookies if one.domain)
        yield Problem(f"{name} has Domain={odd.domain} at {odd.place}, and another elsewhere", at=odd.at, detail=name)
    if not differing:
        yield Fine("the balancer's cookie has the same Domain everywhere")
