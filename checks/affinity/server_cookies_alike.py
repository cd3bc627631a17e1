"""Does each server have a name of its own in the balancer's cookie?"""

from collections import defaultdict

from sessiondoctor.api import BalancerStatus, Fine, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def server_cookies_alike(balancers: tuple[BalancerStatus, ...]) -> Verdicts:
    """Two servers of one pool share one affinity cookie value.

    The balancer sends everybody who holds it to one of the two, and there are no sessions of the other. HAProxy starts
    with such a configuration without a warning.
    """
    naming = [balancer for balancer in balancers if any(server.cookie for server in balancer.servers)]
    if not naming:
        raise NotApplicable("no balancer says what stands for its servers in a cookie")
    for balancer in naming:
        shared = _shared(balancer)
        for cookie, names in shared.items():
            text = f"{' and '.join(names)} of {balancer.balancer} have the same cookie value {cookie!r}"
            yield Problem(text, subject=balancer.balancer, where=(balancer.balancer,))
        if not shared:
            yield Fine("each server has its own cookie value", subject=balancer.balancer)


def _shared(balancer: BalancerStatus) -> dict[str, list[str]]:
    """Servers that take the same value, by it; a server that is listed twice is one."""
    names: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for server in balancer.servers:
        if server.cookie:
            names[server.pool, server.cookie][server.address or server.name] = server.node or server.name
    return {cookie: sorted(set(found.values())) for (_, cookie), found in names.items() if len(found) > 1}
