"""Do the nodes' clocks agree?"""

from sessiondoctor.api import Clocks, Fine, Inconclusive, Problem, Severity, Topology, Verdicts, check, odd_clocks

LEAST_S = 2.0  # below that no session timeout notices
SHARE = 0.01  # of the idle timeout


@check(severity=Severity.CRITICAL)
def node_clock_skew(clocks: Clocks, topology: Topology) -> Verdicts:
    """A node's clock differs from the others'.

    Expiry is computed from a node's clock: one that is ahead takes live sessions for expired, one that is behind keeps
    them too long or makes cookies that are born expired.
    """
    readings = clocks.of("http-date")
    if len(readings) < 2:  # two clocks are compared
        raise Inconclusive("the clocks of fewer than two nodes could be read")
    odd = odd_clocks(readings, max(LEAST_S, SHARE * (topology.site.idle_timeout or 0)))
    for node, offset in odd.items():
        word = "ahead" if offset > 0 else "behind"
        yield Problem(f"the clock of {node} is {abs(offset):.0f} s {word}", subject=node, where=(node,))
    if not odd:
        yield Fine(f"the clocks of {len(readings)} nodes agree")
