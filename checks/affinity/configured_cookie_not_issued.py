"""Does the affinity cookie that the configuration sets reach clients?"""

from sessiondoctor.api import (
    Affinity,
    Configs,
    Fine,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Verdicts,
    Visits,
    check,
)


@check(severity=Severity.HIGH, false_alarm=0.01)
def configured_cookie_not_issued(configs: Configs, visits: Visits, topology: Topology) -> Verdicts:
    """The configuration sets an affinity cookie, and no response carried it.

    It is not the configuration that is running (a reload was refused, another frontend answers), or these are responses
    that the rule leaves out. Where the name is the product's own to choose, any affinity cookie counts.
    """
    own = [one for one in configs.affinities if one.by == "cookie" and one.how == "name" and one.cookie]
    if not topology.may_need_affinity():
        raise NotApplicable("the nodes share their sessions, so that affinity is not needed")
    if not own or visits.status == 0:
        raise NotApplicable("no given configuration sets an affinity cookie")
    seen = {*visits.affinity_cookies, *(cookie.name for cookie in visits.cookies)}
    for affinity in own:
        if _issued(affinity, seen, visits):
            yield Fine(f"{affinity.key or 'the affinity cookie'} is issued as configured", subject=affinity.owner)
        else:
            yield Problem(
                f"`{affinity.directive}` is configured, and no response set {affinity.key or 'such a cookie'}",
                subject=affinity.owner,
                where=(affinity.owner,),
                at=affinity.at,
                detail=affinity.pool,
            )


def _issued(affinity: Affinity, seen: set[str], visits: Visits) -> bool:
    return affinity.key in seen if affinity.key else bool(visits.affinity_cookies)
