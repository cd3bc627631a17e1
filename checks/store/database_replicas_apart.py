"""Are the replicas of a database one database?"""

import re

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check

STORES = re.compile(r"(?:^|/)(postgres|postgresql|mysql|mariadb|mongo|redis|valkey|memcached)(?:[:@-]|$)")
MANAGED = re.compile(
    r"(?:^|/)(?:bitnami|bitnamilegacy|bitnamicharts|percona|crunchydata|cloudnative-pg|zalando)", re.IGNORECASE
)


@check(severity=Severity.HIGH)
def database_replicas_apart(configs: Configs) -> Verdicts:
    """Replicas of a database are separate databases behind one name.

    A Deployment or a compose service with `replicas: 3` of a plain image is three separate databases: each connection
    reaches one of them, and what one holds the others do not. memcached is meant to be so only if clients know every
    server.
    """
    stores = [one for one in configs.workloads if STORES.search(one.image) and not MANAGED.search(one.image)]
    plain = [one for one in stores if one.kind in {"Deployment", "compose", "ReplicaSet", "StatefulSet"}]
    if not plain:
        raise NotApplicable("no given file runs a database")
    apart = [one for one in plain if (one.replicas or 1) > 1 and one.kind != "StatefulSet"]
    for workload in apart:
        name = workload.name or workload.image.split(":")[0]
        yield Problem(f"{name} has {workload.replicas} replicas that are separate databases", subject=workload.owner,
                      where=(workload.owner,), at=workload.at, detail=name)  # fmt: skip
    if not apart:
        yield Fine("each database has one server, or a set that can tell its members apart")
