"""Does affinity by the client's address see clients, or a proxy?"""

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
)  # fmt: skip


@check(severity=Severity.HIGH)
def address_affinity_sees_proxies(configs: Configs, topology: Topology) -> Verdicts:
    """Affinity by client address sees the address of another proxy.

    All users of one proxy then meet one node, and move together when the proxy's address changes. That something stands
    in front is known from the topology, or from users' losses.
    """
    by_address = [one for one in configs.affinities if one.by == "address" and one.product != "kubernetes"]
    if not by_address:
        raise NotApplicable("no given file has affinity by the client's address")
    real = {one.owner for one in configs.real_ips}
    blind = [one for one in by_address if one.owner not in real]
    if not blind:
        yield Fine("the client's address is taken from the proxy's header")
        return
    if not topology.symptoms and not any(_is_behind(one, topology) for one in blind):
        raise Inconclusive("whether a proxy stands in front is not known; declare load_balancers[].behind")
    for affinity in blind:
        text = f"`{affinity.directive}` sees the address of the proxy in front, and nothing restores the client's"
        yield Problem(text, subject=affinity.owner, where=(affinity.owner,), at=affinity.at, detail=affinity.pool)


def _is_behind(affinity: Affinity, topology: Topology) -> bool:
    return any(one.behind for one in topology.load_balancers if one.name == affinity.owner)
