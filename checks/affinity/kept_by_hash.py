"""Does the choice of a node depend on how many nodes there are?"""

from sessiondoctor.api import BalancerStatus, Fine, NotApplicable, Problem, Severity, Topology, Verdicts, check

# As HAProxy, Envoy, Caddy and Traefik call them.
HASHES = (
    "source", "hash", "hdr", "uri", "url_param", "rdp-cookie", "ring_hash", "maglev", "ip_hash", "client_ip_hash",
    "cookie_hash", "query", "hrw",
)  # fmt: skip


@check(severity=Severity.LOW, false_alarm=0.15)
def kept_by_hash(balancers: tuple[BalancerStatus, ...], topology: Topology) -> Verdicts:
    """A balancer chooses the node from a hash and remembers nothing.

    When a node comes or goes the result changes for some clients: for nearly all with a plain modulo, for the share of
    one node with a consistent hash.
    """
    if topology.mode() not in {"sticky", "unknown"}:
        raise NotApplicable(f"affinity is not expected in mode {topology.mode()}")
    told = [balancer for balancer in balancers if balancer.algorithm]
    if not told:
        raise NotApplicable("no balancer says how it chooses a node")
    for balancer in told:
        name = balancer.balancer
        if balancer.algorithm.lower().startswith(HASHES) and balancer.keeping != "cookie":
            yield Problem(f"{name} chooses the node by {balancer.algorithm}", subject=name, where=(name,))
        else:
            yield Fine(f"{name} chooses the node by {balancer.algorithm}, not from a hash", subject=name)
