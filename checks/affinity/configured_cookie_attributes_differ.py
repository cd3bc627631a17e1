"""Does the affinity cookie arrive as the balancer is told to set it?"""

from collections.abc import Iterator

from sessiondoctor.api import (
    Configs,
    Cookie,
    CookieRule,
    Fine,
    NotApplicable,
    Problem,
    Severity,
    Verdicts,
    Visits,
    check,
)

TOLERANCE = 0.1  # of a lifetime: an expiry that is written as a date is older when it arrives


@check(severity=Severity.MEDIUM, false_alarm=0.01)
def configured_cookie_attributes_differ(configs: Configs, visits: Visits) -> Verdicts:
    """The affinity cookie arrives with other attributes than are configured.

    Either a proxy in front changes it, or the file is not the one that is running. Only attributes that the file states
    are compared.
    """
    arrived = {cookie.name: cookie for cookie in visits.cookies}
    both = [
        (one, one.cookie, arrived[one.cookie.name])
        for one in configs.affinities
        if one.by == "cookie" and one.cookie and one.cookie.name in arrived
    ]
    if not both:
        raise NotApplicable("no cookie arrived that a given file makes the balancer set")
    for affinity, rule, cookie in both:
        odd = list(differences(rule, cookie))
        if odd:
            text = f"`{affinity.directive}` is configured, and {cookie.name} arrives {', '.join(odd)}"
            yield Problem(text, subject=affinity.owner, where=(affinity.owner,), at=affinity.at, detail=affinity.pool)
        else:
            yield Fine(f"{cookie.name} arrives as configured", subject=affinity.owner)


def differences(rule: CookieRule, cookie: Cookie) -> Iterator[str]:
    """What is not as the rule says."""
    if rule.secure and not cookie.secure:
        yield "without Secure"
    if rule.http_only and not cookie.http_only:
        yield "without HttpOnly"
    if rule.same_site and rule.same_site.lower() != cookie.same_site.lower():
        yield f"with SameSite={cookie.same_site or 'not set'}"
    if rule.path and rule.path != cookie.path:
        yield f"with Path={cookie.path}"
    if rule.domain and rule.domain.lower().lstrip(".") != cookie.domain.lower().lstrip("."):
        yield f"with Domain={cookie.domain or 'not set'}"
    if rule.life_s and abs((cookie.lifetime_s or 0) - rule.life_s) > TOLERANCE * rule.life_s:
        yield f"for {cookie.lifetime_s:g} s" if cookie.lifetime_s else "until the browser is closed"
