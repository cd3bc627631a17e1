"""Does the balancer have the servers that its file names?"""

from sessiondoctor.api import (
    BalancerStatus,
    Configs,
    Fine,
    NotApplicable,
    Pool,
    PoolServer,
    Problem,
    Severity,
    Verdicts,
    check,
)  # fmt: skip


@check(severity=Severity.LOW, role="hygiene")
def configured_servers_differ(configs: Configs, balancers: tuple[BalancerStatus, ...]) -> Verdicts:
    """The balancer has other servers than its configuration file.

    What is read from the file then says nothing of the balancer that answers: it was not reloaded, a reload was
    refused, or servers were changed at run time.
    """
    compared = [(status, pool) for status in balancers for pool in configs.pools if _is_of(status, pool)]
    if not compared:
        raise NotApplicable("a balancer's status and the file of the same pool are not both there")
    for status, pool in compared:
        absent = [server.name for server in pool.servers if not _has(status, pool, server)]
        if absent:
            text = f"{pool.name} has no {', '.join(absent)}, which {pool.at.file} names"
            yield Problem(text, subject=status.balancer, where=(status.balancer,), at=pool.at, detail=pool.name)
        else:
            yield Fine(f"{pool.name} has all servers of the file", subject=status.balancer)


def _is_of(status: BalancerStatus, pool: Pool) -> bool:
    return pool.owner == status.balancer and any(server.pool == pool.name for server in status.servers)


def _has(status: BalancerStatus, pool: Pool, server: PoolServer) -> bool:
    """By name, address or route: products show different ones of these."""
    own = [one for one in status.servers if one.pool == pool.name]
    wanted = {server.name, server.address, server.address.partition("://")[2], server.route} - {""}
    return any(wanted & {one.name, one.address, one.cookie} for one in own)
