"""Does a balancer that keeps clients by a cookie of its own ever set it?"""

from sessiondoctor.api import BalancerStatus, Fine, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, check

OWN_COOKIE = {"haproxy", "traefik", "envoy", "caddy"}


@check(severity=Severity.HIGH)
def affinity_cookie_unissued(balancers: tuple[BalancerStatus, ...], visits: Visits, topology: Topology) -> Verdicts:
    """A balancer's configured affinity cookie is in no response.

    Looks for the cookie that its status page names among all that were set through the site. Balancers that follow a
    cookie of the application are judged elsewhere.
    """
    named = [one for one in balancers if one.affinity_cookie and one.kind in OWN_COOKIE]
    if topology.mode() not in {"sticky", "unknown"} or not named:
        raise NotApplicable("no balancer says by which cookie of its own it keeps clients")
    names = {cookie.name for cookie in visits.cookies}
    for balancer in named:
        name, cookie = balancer.balancer, balancer.affinity_cookie
        if cookie in names:
            yield Fine(f"{name} sets {cookie}", subject=name)
        else:
            text = f"{name} keeps clients by the cookie {cookie}, and never sets it on these paths"
            yield Problem(text, subject=name, where=(name,))
