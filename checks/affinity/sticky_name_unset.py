"""Does the balancer look at a cookie that the site sets?"""

from sessiondoctor.api import BalancerStatus, Fine, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, check

FOLLOWS_THE_APPLICATION = {"apache", "mod_jk"}


@check(severity=Severity.HIGH)
def sticky_name_unset(balancers: tuple[BalancerStatus, ...], visits: Visits, topology: Topology) -> Verdicts:
    """A balancer uses a cookie for affinity that nobody sets.

    Compares the name that a balancer's status page shows with the cookies that responses set. Names of cookies are
    case-sensitive: `jsessionid` is not `JSESSIONID`.
    """
    named = [one for one in balancers if one.affinity_cookie and one.kind in FOLLOWS_THE_APPLICATION]
    if topology.mode() not in {"sticky", "unknown"} or not named:
        raise NotApplicable("no balancer says by which cookie it keeps clients")
    names = [cookie.name for cookie in visits.cookies]
    for balancer in named:
        name, wanted = balancer.balancer, balancer.affinity_cookie
        if wanted in names:
            yield Fine(f"{name} keeps clients by {wanted}, which is set", subject=name)
            continue
        alike = next((other for other in names if other.lower() == wanted.lower()), "")
        instead = f"; the site sets {alike}" if alike else f"; the site sets {', '.join(names) or 'no cookie'}"
        yield Problem(f"{name} looks at the cookie {wanted}, which nobody sets{instead}", subject=name, where=(name,))
