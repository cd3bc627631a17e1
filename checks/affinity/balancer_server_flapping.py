"""Do health checks take servers out again and again?"""

from sessiondoctor.api import BalancerStatus, Fine, Problem, Replay, Server, Severity, Verdicts, check


@check(severity=Severity.MEDIUM)
def balancer_server_flapping(balancers: tuple[BalancerStatus, ...], replay: Replay | None) -> Verdicts:
    """A working server was marked down again and again.

    It is up now, or answers when it is asked directly. Each time its clients are sent to other nodes. The check may be
    too strict, its page too slow, or the node short of memory.
    """
    answering = {visit.node for visit in replay.visits if not visit.refused and visit.status} if replay else set()
    for balancer in balancers:
        flapping = [server for server in balancer.servers if server.flaps and _works(server, answering)]
        for server in flapping:
            name = server.node or server.name
            yield Problem(
                f"{name} went down {server.went_down} times, last change {server.last_change_s} s ago",
                subject=balancer.balancer,
                where=(name,),
            )
        if not flapping:
            yield Fine("no server goes up and down", subject=balancer.balancer)


def _works(server: Server, answering: set[str]) -> bool:
    return server.status.startswith("UP") or (server.status.startswith("DOWN") and server.node in answering)
