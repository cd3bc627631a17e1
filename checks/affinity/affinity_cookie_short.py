"""Does affinity last as long as the session?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, check

TOLERANCE_S = 5  # between setting a cookie and looking at it


@check(severity=Severity.MEDIUM, role="loss")
def affinity_cookie_short(visits: Visits, topology: Topology) -> Verdicts:
    """The affinity cookie expires before the session does.

    A user who comes back after the cookie's lifetime and within the idle timeout lands on a node without the session. A
    cookie that is renewed with each response ends as early for whoever is idle.
    """
    if topology.mode() not in {"sticky", "unknown"}:
        raise NotApplicable(f"affinity is not expected in mode {topology.mode()}")
    idle = topology.site.idle_timeout
    if idle is None:
        raise NotApplicable("the idle timeout is not known", hint="declare site.idle_timeout")
    cookies = [cookie for cookie in visits.cookies if cookie.role == "affinity"]
    if not cookies:
        raise NotApplicable("no affinity cookie was seen")
    for cookie in cookies:
        if cookie.lifetime_s is not None and cookie.lifetime_s < idle - TOLERANCE_S:
            yield Problem(f"{cookie.name} expires after {cookie.lifetime_s:.0f} s; sessions live {int(idle)} s")
        else:
            yield Fine(f"{cookie.name} lives as long as the session")
