"""Does each server have a name of its own in the balancer's cookie?"""

from collections import defaultdict

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


@check(severity=Severity.HIGH, role="loss")
def server_cookies_alike(balancers: tuple[BalancerStatus, ...], topology: Topology, visits: Visits | None) -> Verdicts:
    """Two servers of one pool share one affinity cookie value.

    The balancer sends everybody who holds it to one of the two, and there are no sessions of the other: whoever begins
    there must lose the first page's, though few clients of a scan may. HAProxy starts with such a configuration without
    a warning. It is a fault only where each node keeps its own sessions, as declared or as lost ones show.
    """
    naming = [balancer for balancer in balancers if any(server.cookie for server in balancer.servers)]
    if not naming:
        raise NotApplicable("no balancer says what stands for its servers in a cookie")
    if any(map(_shared, naming)):
        _insist_on_local_sessions(topology, visits)
    for balancer in naming:
        shared = _shared(balancer)
        for cookie, names in shared.items():
            text = f"{' and '.join(names)} of {balancer.balancer} have the same cookie value {cookie!r}"
            yield Problem(text, subject=balancer.balancer, where=(balancer.balancer,))
        if not shared:
            yield Fine("each server has its own cookie value", subject=balancer.balancer)


def _insist_on_local_sessions(topology: Topology, visits: Visits | None) -> None:
    """Raises where nobody may lose anything by it."""
    mode = topology.mode()
    if mode == "sticky":
        return
    if mode != "unknown":
        raise NotApplicable(f"affinity is not expected in mode {mode}")
    if not visits or not any(trace.lost for trace in visits.returning):
        raise Inconclusive("two servers share a cookie value; whether that loses sessions depends on where they are")


def _shared(balancer: BalancerStatus) -> dict[str, list[str]]:
    """Servers that take the same value, by it; a server that is listed twice is one."""
    names: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for server in balancer.servers:
        if server.cookie:
            names[server.pool, server.cookie][server.address or server.name] = server.node or server.name
    return {cookie: sorted(set(found.values())) for (_, cookie), found in names.items() if len(found) > 1}
