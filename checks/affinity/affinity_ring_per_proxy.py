"""Do several proxies agree on the ring by which they choose servers?"""

from sessiondoctor.api import Configs, Ejection, Fine, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.MEDIUM, false_alarm=0.002)
def affinity_ring_per_proxy(configs: Configs) -> Verdicts:
    """Several proxies choose servers by rings that can differ.

    Outlier detection and passive health checks are local to each proxy: after one of them ejects a server, its ring
    differs from the others', and a client alternates between two servers.
    """
    rings = [
        one for one in configs.affinities if one.how in {"hash", "consistent-hash"} and one.product != "ingress-nginx"
    ]
    if not rings:
        raise NotApplicable("no given file has affinity by a hash")
    found = False
    for ring in rings:
        ejection = next((one for one in configs.ejections if one.pool == ring.pool and one.owner == ring.owner), None)
        if ejection and _several_proxies(configs, ejection):
            found = True
            yield Problem("each proxy ejects servers by itself, so that the rings of several proxies differ",
                          subject=ring.owner, where=(ring.owner,), at=ejection.at, detail=ring.pool)  # fmt: skip
    if not found:
        yield Fine("no passive health check changes the ring of one proxy alone")


def _several_proxies(configs: Configs, ejection: Ejection) -> bool:
    """A mesh has a proxy in every pod; of other balancers, two must have been given."""
    owners = {one.owner for one in configs.pools if one.name == ejection.pool}
    return ejection.format == "kubernetes" or len(owners) > 1
