"""Does the store keep anybody's session for the idle timeout?"""

from sessiondoctor.api import (
    Census,
    Confidence,
    Fine,
    Group,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Verdicts,
    check,
)  # fmt: skip

ENOUGH = 100  # keys; of fewer none may have been used just now
TOLERANCE = 0.01  # of the idle timeout
# Some products keep a key for longer than the session (seconds); Spring does so where it has helper keys.
SPRING_S, REDISSON_S = 300, 60


@check(severity=Severity.HIGH, role="loss")
def ttl_edge_below_idle(censuses: tuple[Census, ...], topology: Topology) -> Verdicts:
    """All stored sessions expire before the idle timeout.

    The longest time to live among many sessions is the configured timeout, if one of them was used just now. That is
    believed where it is a round number.
    """
    idle = topology.site.idle_timeout
    if idle is None:
        raise NotApplicable("the idle timeout is not known", hint="declare site.idle_timeout")
    judged = False
    for census in censuses:
        for group in census.groups:
            if not group.ttl_s or group.ttl_s.count < ENOUGH:
                continue
            seen = {
                "histogram": census.ttl_picture(group),
                "longest_s": group.ttl_s.top,
                "timeout_s": group.timeout_s,
            }
            surplus = _surplus(census, group)
            longest = group.ttl_s.top - surplus
            if longest >= idle * (1 - TOLERANCE):
                yield Fine(f"sessions under {group.prefix!r} are kept long enough", subject=census.store, seen=seen)
            elif group.timeout_s and group.timeout_s - surplus < idle:
                text = f"all sessions under {group.prefix!r} expire in {longest:.0f} s, the idle timeout is {idle:g} s"
                yield Problem(
                    text, subject=census.store, where=(census.store,), seen=seen, confidence=Confidence.TENTATIVE
                )
            else:
                continue
            judged = True
    if not judged:
        raise Inconclusive("too few sessions were used just now for their times to live to tell the timeout")


def _surplus(census: Census, group: Group) -> int:
    if group.product == "spring-session":
        return SPRING_S if census.helper_keys else 0
    return REDISSON_S if group.product == "redisson" else 0
