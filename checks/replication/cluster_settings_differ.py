"""Do all nodes look for the same cluster, in the same way?"""

from sessiondoctor.api import Configs, Fine, Manager, NotApplicable, Problem, Severity, Verdicts, check, named, odd_ones

EQUAL = ("cluster", "group", "domain", "stack")  # the address that a node listens on, and its port, may differ

ONE_OF_SEVERAL = 0.2  # a firewall, or another setting, keeps members apart as well


@check(severity=Severity.CRITICAL)
def cluster_settings_differ(configs: Configs) -> Verdicts:
    """Nodes are configured for different in-memory clusters.

    Members find each other only with the same name, group and way of discovery. Compared between files whose nodes
    were named; addresses to listen on may differ.
    """
    clusters = {owner: found[0] for owner, found in configs.by_owner(configs.clusters()).items()}
    if len(clusters) < 2:
        raise NotApplicable("clusters of fewer than two nodes are given")
    found = False
    for name in ("product", "discovery", *EQUAL):
        values = {owner: _value(cluster, name) for owner, cluster in clusters.items()}
        odd, common = odd_ones(values)
        if odd and all(values.values()):
            found = True
            text = f"{named(odd, 'is', 'are')} in another cluster: {name} is {values[odd[0]]}, elsewhere {common}"
            yield Problem(text, subject=odd[0], where=odd, at=clusters[odd[0]].at, detail=name)
    if not found:
        yield Fine("all nodes are configured for the same cluster", power=ONE_OF_SEVERAL)


def _value(cluster: Manager, name: str) -> str:
    if name in {"product", "discovery"}:
        return cluster.product if name == "product" else cluster.discovery
    return cluster.setting(name)
