"""Can members of the in-memory cluster find each other at all?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Topology, Unknown, Verdicts, check

ONE_OF_SEVERAL = 0.2  # a firewall, or another setting, keeps members apart as well


@check(severity=Severity.CRITICAL)
def cluster_discovery_unset(configs: Configs, topology: Topology) -> Verdicts:
    """Members of the cluster have no way to find each other.

    Every way of joining is switched off, or the one that is chosen lacks what it asks for: DNS discovery
    (Keycloak's stack `kubernetes`) needs `jgroups.dns.query`, the name of a headless Service. Each node is then a
    cluster of one, which is right for a single node.
    """
    clusters = [one for one in configs.clusters() if one.discovery]
    if not clusters:
        raise NotApplicable("no given file says how members of a cluster find each other")
    matters = configs.has_several_nodes() or len(topology.nodes) > 1 or bool(topology.symptoms)
    for cluster in clusters:
        if cluster.discovery != "none":
            yield Fine(f"members find each other by {cluster.discovery}", subject=cluster.owner, power=ONE_OF_SEVERAL)
        elif matters:
            yield Problem(f"members of {cluster.product} have no way to find each other", subject=cluster.owner,
                          where=(cluster.owner,), at=cluster.at, detail=cluster.product)  # fmt: skip
        else:
            yield Unknown("whether there are several nodes is not known", subject=cluster.owner)
