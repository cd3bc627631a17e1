"""Do members of the in-memory cluster find each other where it runs?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    Manager,
    NotApplicable,
    Problem,
    Severity,
    Topology,
    Unknown,
    Verdicts,
    check,
)

CLOUD = {"aws-alb", "aws-nlb", "aws-clb", "azure", "gclb", "digitalocean"}
LOST = {"logged-out-at-node-loss", "logged-out-at-random", "state-lost", "logged-out-at-deploy"}

ONE_OF_SEVERAL = 0.2  # a firewall, or another setting, keeps members apart as well


@check(severity=Severity.CRITICAL)
def cluster_found_by_multicast(configs: Configs, topology: Topology) -> Verdicts:
    """Members find each other by multicast, which most clouds drop.

    It is what Tomcat, WildFly and Hazelcast do by default. Networks of Kubernetes, of clouds and of containers on
    several hosts drop multicast, and many switches do: each node is then a cluster of one, without an error.
    """
    clusters = [one for one in configs.clusters() if one.discovery not in {"", "none"}]
    if not clusters:
        raise NotApplicable("no given file says how members of a cluster find each other")
    for cluster in clusters:
        if cluster.discovery != "multicast":
            yield Fine(f"members find each other by {cluster.discovery}", subject=cluster.owner, power=ONE_OF_SEVERAL)
        elif _in_cloud(configs):
            yield _problem(cluster, "which does not pass here", 0.0)
        elif LOST & set(topology.symptoms):
            yield _problem(cluster, "which many networks drop", 0.1)
        else:
            yield Unknown("whether the network carries multicast is not known", subject=cluster.owner)


def _problem(cluster: Manager, why: str, chance: float) -> Problem:
    text = f"members of {cluster.product} look for each other by multicast, {why}"
    return Problem(text, subject=cluster.owner, where=(cluster.owner,), at=cluster.at, detail=cluster.product,
                   chance=chance)  # fmt: skip


def _in_cloud(configs: Configs) -> bool:
    orchestrated = any(one.format in {"kubernetes", "helm"} for one in (*configs.workloads, *configs.services))
    return orchestrated or any(one.product in CLOUD for one in configs.affinities)
