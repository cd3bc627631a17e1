"""Has the balancer's cookie a name of its own?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check

SESSIONS = {
    "jsessionid", "phpsessid", "connect.sid", "asp.net_sessionid", "laravel_session", "sessionid",
    ".aspnetcore.session", ".aspnetcore.cookies", "cfid", "ci_session", "grafana_session", "rack.session",
}  # fmt: skip
SETS_IF_ABSENT = {"istio", "envoy", "envoy-gateway"}  # they hash the cookie that is there, whoever set it


@check(severity=Severity.HIGH)
def affinity_cookie_named_like_session(configs: Configs) -> Verdicts:
    """The affinity cookie has the session cookie's name.

    Two Set-Cookie of one name and path replace one another in the browser: either the session or the affinity is lost.
    """
    own = [one for one in configs.affinities if one.by == "cookie" and one.product not in SETS_IF_ABSENT and one.cookie]
    if not own:
        raise NotApplicable("no given file names an affinity cookie")
    sessions = SESSIONS | {one.cookie.name.lower() for one in configs.session_cookies if one.cookie.name}
    clashing = [one for one in own if one.cookie and one.cookie.name.lower() in sessions]
    for affinity in clashing:
        name = affinity.cookie.name if affinity.cookie else ""
        yield Problem(
            f"the affinity cookie is called {name}, as the application's session cookie is",
            subject=affinity.owner,
            where=(affinity.owner,),
            at=affinity.at,
            detail=affinity.pool,
        )
    if not clashing:
        yield Fine("the affinity cookie has a name of its own")
