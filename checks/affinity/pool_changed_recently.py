"""Has the set of nodes just changed?"""

from sessiondoctor.api import BalancerStatus, Fine, Inconclusive, Problem, Severity, Topology, Verdicts, check

HOUR_S = 3600.0


@check(severity=Severity.LOW, false_alarm=0.1)
def pool_changed_recently(balancers: tuple[BalancerStatus, ...], topology: Topology) -> Verdicts:
    """A server joined or left the pool within a session's life.

    Clients of a balancer that hashes are then sent to other nodes than before.
    """
    idle = topology.site.idle_timeout or HOUR_S
    dated = [(b.balancer, s) for b in balancers for s in b.servers if s.last_change_s is not None]
    if not dated:
        raise Inconclusive("no balancer says when its servers last changed")
    recent = [(name, server) for name, server in dated if (server.last_change_s or 0) < idle and server.went_down]
    for name, server in recent:
        node = server.node or server.name
        yield Problem(f"{node} changed to {server.status} {server.last_change_s} s ago", subject=name, where=(node,))
    if not recent:
        yield Fine("no server joined or left the pool lately")
