"""Is a client kept by its address?"""

from sessiondoctor.api import (
    BalancerStatus,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Verdicts,
    Visits,
    check,
)

SURE = 0.01  # the chance that as many new clients met one node by accident


@check(severity=Severity.LOW, false_alarm=0.15)
def kept_by_address(balancers: tuple[BalancerStatus, ...] | None, visits: Visits, topology: Topology) -> Verdicts:
    """The client's address decides which node serves it.

    A balancer says so, or all new clients from this machine meet one and the same node though there are several and no
    cookie binds them. By itself that is a way of keeping clients; it fails where addresses change or are shared.
    """
    if topology.mode() not in {"sticky", "unknown"}:
        raise NotApplicable(f"affinity is not expected in mode {topology.mode()}")
    said = [balancer.balancer for balancer in balancers or () if balancer.keeping == "address"]
    if said:
        yield Problem(f"{said[0]} reports affinity by client address", where=(said[0],))
        return
    if any(balancer.keeping in {"cookie", "none"} for balancer in balancers or ()):
        yield Fine("the balancer does not look at addresses")
        return
    met = [exchange.node for exchange in visits.firsts if exchange.node]
    nodes = len(topology.nodes)
    if not met or nodes <= 1 or len({node.service for node in topology.nodes}) > 1:
        raise Inconclusive("nothing tells which of several nodes answered new clients")
    chance = (1 / nodes) ** (len(met) - 1)
    if len(set(met)) > 1:
        yield Fine("new clients from one address reach several nodes")
    elif chance < SURE and not visits.affinity_cookies:
        yield Problem(f"all {len(met)} new clients from this machine reached {met[0]}", chance=chance)
    else:
        raise Inconclusive("too few new clients were seen to tell whether the client's address decides")
