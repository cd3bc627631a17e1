"""Do health checks take servers out again and again?"""

from sessiondoctor.api import BalancerStatus, Fine, Problem, Server, Severity, Verdicts, check

RECENT_S = 3600
OFTEN = 5  # transitions to DOWN that are no maintenance any more


@check(severity=Severity.MEDIUM)
def balancer_server_flapping(balancers: tuple[BalancerStatus, ...]) -> Verdicts:
    """A server that is up was taken out by health checks again and again.

    Each time its clients are sent to other nodes. The check may be too strict, its page too slow, or the node short of
    memory.
    """
    for balancer in balancers:
        flapping = [server for server in balancer.servers if _flaps(server)]
        for server in flapping:
            name = server.node or server.name
            yield Problem(
                f"{name} went down {server.went_down} times, last change {server.last_change_s} s ago",
                subject=balancer.balancer,
                where=(name,),
            )
        if not flapping:
            yield Fine("no server goes up and down", subject=balancer.balancer)


def _flaps(server: Server) -> bool:
    recent = server.last_change_s is not None and server.last_change_s < RECENT_S
    return server.status.startswith("UP") and (server.went_down >= OFTEN or (server.went_down > 1 and recent))
