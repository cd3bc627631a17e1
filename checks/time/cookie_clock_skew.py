"""Do the times that nodes write into their session cookies agree?"""

from statistics import median

from sessiondoctor.api import Fine, Inconclusive, NotApplicable, Problem, Replay, Severity, Topology, Verdicts, check

LEAST_S = 3.0  # whole seconds are written, and a slow response takes one more
SHARE = 0.01  # of the idle timeout


@check(severity=Severity.HIGH)
def cookie_clock_skew(replay: Replay, topology: Topology) -> Verdicts:
    """The time that a node signs into its session cookies differs from that of the others.

    Flask, signed Django sessions and JSON Web Tokens say when they were signed, by the node's clock; the others judge
    their age by theirs. Seen without asking anything more, and behind any proxy.
    """
    told = {visit.node: visit.clock_s for visit in replay.visits if visit.clock_s is not None}
    if not told:
        raise NotApplicable("the session cookie does not tell when it was signed")
    if len(told) < 2:  # noqa: PLR2004 - two clocks are compared
        raise Inconclusive("the cookie of one node alone tells when it was signed")
    middle = median(told.values())
    slack = max(LEAST_S, SHARE * (topology.site.idle_timeout or 0))
    odd = {node: seconds - middle for node, seconds in told.items() if abs(seconds - middle) > slack}
    if len(told) == 2 and odd:  # noqa: PLR2004 - the middle of two is nobody's time: the one farther from here is off
        node = max(told, key=lambda name: abs(told[name]))
        odd = {node: told[node]}
    for node, seconds in odd.items():
        word = "ahead" if seconds > 0 else "behind"
        yield Problem(f"{node} signs its cookies {abs(seconds):.0f} s {word} of the others", node, (node,))
    if not odd:
        yield Fine(f"the cookies of {len(told)} nodes are signed at one time")
