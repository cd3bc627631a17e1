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


@check(severity=Severity.MEDIUM)
def affinity_moves_on_scale(configs: Configs, topology: Topology) -> Verdicts:
    """Adding or removing a server moves clients of other servers.

    A hash without `consistent` moves nearly all of them, a consistent one a share; a cookie that names the server moves
    nobody. It matters where the number of servers changes: an autoscaler, or losses at deploys.
    """
    if not topology.may_need_affinity() or configs.shares_sessions():
        raise NotApplicable("the nodes share their sessions, so that moving is no loss")
    hashed = [one for one in configs.affinities if one.how in {"hash", "consistent-hash"} and one.product != "gclb"]
    if not configs.affinities:
        raise NotApplicable("no given file has affinity")
    if not hashed:
        yield Fine("affinity does not depend on the number of servers")
        return
    scales = any(workload.autoscaled for workload in configs.workloads)
    if not scales and not {"logged-out-at-deploy", "logged-out-at-node-loss", "state-lost"} & set(topology.symptoms):
        raise Inconclusive("whether the number of servers changes is not known")
    for affinity in hashed:
        text = f"`{affinity.directive}` moves clients when a server is added or removed"
        yield Problem(text, subject=affinity.owner, where=(affinity.owner,), at=affinity.at, detail=_name(affinity))


def _name(affinity: Affinity) -> str:
    return affinity.pool or affinity.key
