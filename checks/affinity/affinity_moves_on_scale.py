"""Does affinity survive a node that is added or taken away?"""

from sessiondoctor.api import (
    Affinity,
    Configs,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Verdicts,
    check,
)


@check(severity=Severity.MEDIUM, false_alarm=0.01)
def affinity_moves_on_scale(configs: Configs, topology: Topology) -> Verdicts:
    """Adding or removing a server moves clients of other servers.

    A hash without `consistent` moves nearly all of them, a consistent one a share; a cookie that names the server moves
    nobody. It matters where the number of servers changes: an autoscaler, or losses at deploys.
    """
    if not topology.may_need_affinity() or configs.shares_sessions():
        raise NotApplicable("the nodes share their sessions, so that moving is no loss")
    hashed = [one for one in configs.affinities if one.how in {"hash", "consistent-hash"} and _is_of_client(one)]
    if not configs.affinities:
        raise NotApplicable("no given file has affinity")
    if not hashed:
        yield Fine("affinity does not depend on the number of servers")
        return
    scaled = {workload.name for workload in configs.workloads if workload.autoscaled}
    reported = bool({"logged-out-at-deploy", "logged-out-at-node-loss", "state-lost"} & set(topology.symptoms))
    moving = [one for one in hashed if reported or one.pool in scaled or _leads_to(one, scaled, configs)]
    if not moving:
        raise Inconclusive("whether the number of servers changes is not known")
    for affinity in moving:
        text = f"`{affinity.directive}` moves clients when a server is added or removed"
        yield Problem(text, subject=affinity.owner, where=(affinity.owner,), at=affinity.at, detail=_name(affinity))


def _name(affinity: Affinity) -> str:
    return affinity.pool or affinity.key


def _leads_to(affinity: Affinity, scaled: set[str], configs: Configs) -> bool:
    """Whether the pool is a Service of a workload that is scaled."""
    services = [service for service in configs.services if service.name and service.name == affinity.pool]
    chosen = [one for one in configs.workloads for service in services if set(service.selector) <= set(one.labels)]
    return any(one.name in scaled for one in chosen)


def _is_of_client(affinity: Affinity) -> bool:
    return affinity.by not in {"url", "nothing"} and affinity.product != "gclb"
