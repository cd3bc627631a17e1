"""Does a server that is taken out again and again keep sessions that no other node knows?"""

from sessiondoctor.api import (
    BalancerStatus,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Replay,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)


@check(severity=Severity.HIGH, role="loss")
def flapping_loses_sessions(balancers: tuple[BalancerStatus, ...], replay: Replay, topology: Topology) -> Verdicts:
    """A server goes down and up, and its sessions exist nowhere else.

    Each time, its clients are sent to nodes that do not know them. Losses come and go with the health checks, and few
    visits need to see one. A node that has ended has nothing to do with it.
    """
    flapping = {server.node: server for one in balancers for server in one.servers if server.node and server.flaps}
    if not flapping:
        raise NotApplicable("no server is taken out again and again")
    if topology.mode() not in {"sticky", "unknown"}:
        raise NotApplicable(f"in mode {topology.mode()} sessions do not depend on one node")
    if not replay.flow:
        raise Inconclusive("whether other nodes know its sessions cannot be seen; declare site.flow")
    for node, server in sorted(flapping.items()):
        states = {cell.state for cell in replay.other if cell.created_on == node}
        if "lost" in states:
            text = f"{node} went down {server.went_down} times, and no other node knows its sessions"
            yield Problem(text, subject=node, where=(node,))
        elif "kept" in states:
            yield Fine("other nodes know its sessions", subject=node)
        else:
            yield Unknown("whether other nodes know its sessions could not be seen", subject=node)
