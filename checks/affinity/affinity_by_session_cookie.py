"""Does the value that affinity goes by stay the same?"""

from sessiondoctor.api import Affinity, Configs, Fine, NotApplicable, Problem, Severity, Topology, Verdicts, check


@check(severity=Severity.HIGH)
def affinity_by_session_cookie(configs: Configs, topology: Topology) -> Verdicts:
    """Affinity follows a cookie that the application changes.

    The first request has no such cookie, so that it is answered by another node than the next one; and each time the
    application renews the cookie (at login, or on every response where it is signed) the client moves. A table that
    also learns the cookie from responses (`stick store-response`, `sticky learn`) follows it.
    """
    if not topology.may_need_affinity() or configs.shares_sessions():
        raise NotApplicable("the nodes share their sessions, so that moving is no loss")
    keyed = [one for one in configs.affinities if one.by == "app-cookie" and one.how != "name"]
    if not keyed:
        raise NotApplicable("no given file has affinity by a hash or a table of a cookie")
    own = {one.cookie.name for one in configs.affinities if one.by == "cookie" and one.cookie}
    loose = [one for one in keyed if not _follows(one) and not any(name and name in one.key for name in own)]
    for affinity in loose:
        yield Problem(
            f"`{affinity.directive}` moves a client whenever the application sets that cookie anew",
            subject=affinity.owner,
            where=(affinity.owner,),
            at=affinity.at,
            detail=affinity.pool,
        )
    if not loose:
        yield Fine("the table learns the cookie from responses")


def _follows(affinity: Affinity) -> bool:
    return "store-response" in affinity.options or affinity.directive.startswith(("sticky learn", "sticky create"))
