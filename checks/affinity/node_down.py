"""Do node and balancer agree that a node is down?"""

from sessiondoctor.api import BalancerStatus, Fine, Problem, Replay, Severity, Verdicts, check


@check(severity=Severity.HIGH, role="loss")
def node_down(replay: Replay, balancers: tuple[BalancerStatus, ...]) -> Verdicts:
    """A node refuses connections and a balancer has taken it out.

    Every session that lived only on that node is lost, and its clients are sent elsewhere.
    """
    down = {server.node for b in balancers for server in b.servers if server.node and server.status.startswith("DOWN")}
    refusing = {visit.node for visit in replay.visits if visit.refused}
    for node in sorted(down & refusing):
        yield Problem(f"{node} is down: it refuses connections and the balancer says DOWN", subject=node, where=(node,))
    if not down & refusing:
        yield Fine("no node both refuses connections and is marked down by a balancer")
