"""Can the other nodes reach a member of the in-memory cluster?"""

import re

from sessiondoctor.api import Configs, Fine, Manager, NotApplicable, Problem, Severity, Verdicts, check

LOOPBACK = re.compile(r"(?:127\.[0-9.]+|localhost|LOOPBACK|::1)(?::[0-9]+)?", re.IGNORECASE)

ONE_OF_SEVERAL = 0.2  # a firewall, or another setting, keeps members apart as well


@check(severity=Severity.CRITICAL)
def cluster_bound_to_loopback(configs: Configs) -> Verdicts:
    """A member of the cluster listens where no other node reaches it.

    An address such as 127.0.0.1 is right for several nodes on one machine, and makes a cluster of one elsewhere. A
    list of members that names this machine alone says that all of them run on it.
    """
    clusters = configs.clusters()
    if not clusters:
        raise NotApplicable("no given file configures an in-memory cluster")
    deaf = [one for one in clusters if LOOPBACK.fullmatch(one.bind) and not _is_of_one_machine(one)]
    for cluster in deaf:
        yield Problem(f"{cluster.product} listens on {cluster.bind}, where no other machine reaches it",
                      subject=cluster.owner, where=(cluster.owner,), at=cluster.at, detail=cluster.product)  # fmt: skip
    if not deaf:
        yield Fine("no member of the cluster is said to listen on its own machine alone", power=ONE_OF_SEVERAL)


def _is_of_one_machine(cluster: Manager) -> bool:
    return len(cluster.members) > 1 and all(LOOPBACK.fullmatch(member) for member in cluster.members)
