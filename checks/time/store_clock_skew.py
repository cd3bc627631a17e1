"""Does the store's clock agree with the nodes'?"""

from statistics import median

from sessiondoctor.api import Clocks, Fine, Inconclusive, Problem, Severity, Topology, Verdicts, check

LEAST_S = 2.0
SHARE = 0.01  # of the idle timeout


@check(severity=Severity.HIGH)
def store_clock_skew(clocks: Clocks, topology: Topology) -> Verdicts:
    """The store's clock differs from the nodes'.

    Absolute expiry times (EXPIREAT) set by nodes are read by the store's own clock.
    """
    nodes, stores = clocks.of("http-date"), (*clocks.of("redis-time"), *clocks.of("memcached-time"))
    if not nodes or not stores:
        raise Inconclusive("the clocks of a node and of a store are needed")
    middle = median(reading.offset_s for reading in nodes)
    slack = max(LEAST_S, SHARE * (topology.site.idle_timeout or 0)) + max(reading.uncertainty_s for reading in nodes)
    for store in stores:
        off = store.offset_s - middle
        if abs(off) > slack + store.uncertainty_s:
            text = f"the clock of {store.subject} is {off:+.0f} s off the nodes'"
            yield Problem(text, subject=store.subject, where=(store.subject,))
        else:
            yield Fine("the store's clock agrees with the nodes'", subject=store.subject)
