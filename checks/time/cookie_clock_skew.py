"""Do the times that nodes write into their session cookies agree?"""

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Replay,
    Severity,
    Topology,
    Verdicts,
    check,
    odd_clocks,
)

LEAST_S = 2.0  # below that no session timeout notices
SHARE = 0.01  # of the idle timeout


@check(severity=Severity.HIGH)
def cookie_clock_skew(replay: Replay, topology: Topology) -> Verdicts:
    """A node signs cookies with a clock that differs from the others.

    Flask, signed Django sessions and JSON Web Tokens say when they were signed, by the node's clock; the others judge
    their age by theirs. Seen without asking anything more, and behind any proxy.
    """
    told = [visit.clock for visit in replay.visits if visit.clock]
    if not told:
        raise NotApplicable("the session cookie does not tell when it was signed")
    if len(told) < 2:  # two clocks are compared
        raise Inconclusive("the cookie of one node alone tells when it was signed")
    odd = odd_clocks(told, max(LEAST_S, SHARE * (topology.site.idle_timeout or 0)))
    for node, seconds in odd.items():
        word = "ahead" if seconds > 0 else "behind"
        yield Problem(f"{node} signs its cookies {abs(seconds):.0f} s {word} of the others", node, (node,))
    if not odd:
        yield Fine(f"the cookies of {len(told)} nodes are signed at one time")
