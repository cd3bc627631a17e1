"""Does the balancer that keeps clients by address see their addresses?"""

from sessiondoctor.api import BalancerStatus, Fine, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, check

CDN_HEADERS = ("cf-cache-status", "x-cache", "via", "age")


@check(severity=Severity.MEDIUM)
def proxy_before_address_affinity(
    balancers: tuple[BalancerStatus, ...], visits: Visits, topology: Topology
) -> Verdicts:
    """A balancer keeps clients by address behind a proxy that hides addresses.

    Then it sees a handful of addresses: everybody behind one of them shares a node, and whoever comes by another one of
    them is sent to another node.
    """
    keepers = [balancer.balancer for balancer in balancers if balancer.keeping == "address"]
    if not keepers:
        raise NotApplicable("no balancer says that it keeps clients by address")
    in_front = {balancer.name: balancer.behind for balancer in topology.load_balancers}
    cdn = [name for name in CDN_HEADERS if visits.headers.get(name)]
    for name in keepers:
        front = in_front.get(name) or (f"a cache ({cdn[0]})" if cdn else "")
        if front:
            text = f"{front} stands in front of {name}, which keeps clients by their address"
            yield Problem(text, subject=name, where=(name,))
        else:
            yield Fine("nothing is declared or seen in front of it", subject=name)
