"""Does the balancer itself say that it keeps clients on their nodes?"""

from sessiondoctor.api import BalancerStatus, Fine, NotApplicable, Problem, Severity, Topology, Unknown, Verdicts, check


@check(severity=Severity.HIGH)
def balancer_keeps_nobody(balancers: tuple[BalancerStatus, ...], topology: Topology) -> Verdicts:
    """A balancer has no session affinity, although the site relies on it.

    Read from its status page. A balancer in front of another one need not keep anybody: only those are judged whose
    servers are nodes of the topology.
    """
    if topology.mode() not in {"sticky", "unknown"}:
        raise NotApplicable(f"affinity is not expected in mode {topology.mode()}")
    for balancer in balancers:
        name = balancer.balancer
        if not any(server.node for server in balancer.servers):
            yield Unknown("none of its servers is a node of the topology", subject=name)
        elif balancer.keeping == "none":
            how = f", it chooses by {balancer.algorithm}" if balancer.algorithm else ""
            yield Problem(f"{name} has no session affinity{how}", subject=name, where=(name,))
        elif balancer.keeping == "unknown":
            yield Unknown("its status page does not say how it keeps clients", subject=name)
        else:
            by = balancer.affinity_cookie or balancer.keeping
            yield Fine(f"{name} keeps clients by {by}", subject=name)
