"""Does the balancer that keeps clients choose among all replicas?"""

from sessiondoctor.api import Affinity, Configs, Fine, NotApplicable, Pool, Problem, Severity, Verdicts, Workload, check

SEVERAL = 2
RESOLVES_ALL = {"nginx", "envoy", "istio"}  # these take every address of a name as a server of its own


@check(severity=Severity.HIGH)
def affinity_to_one_name(configs: Configs) -> Verdicts:
    """Affinity knows one server, whose name stands for several replicas.

    The cookie names the Service or the virtual address of a swarm. Which replica answers is drawn behind it, for each
    connection anew.
    """
    pools = {pool.name: pool for pool in configs.pools if len(pool.servers) == 1}
    bound = [(one, pools[one.pool]) for one in configs.affinities if one.pool in pools and one.by != "nothing"]
    if not bound:
        raise NotApplicable("no given file has affinity among one server")
    several = {one.name: one for one in configs.workloads if (one.replicas or 0) >= SEVERAL and one.name}
    found = [(affinity, workload) for affinity, pool in bound if (workload := _behind(affinity, pool, several))]
    for affinity, workload in found:
        text = f"the balancer knows one server, {workload.name}, a name of {workload.replicas} replicas"
        yield Problem(text, subject=affinity.owner, where=(affinity.owner,), at=affinity.at, detail=affinity.pool)
    if not found:
        yield Fine("no name of a single server is known to stand for several replicas")


def _behind(affinity: Affinity, pool: Pool, several: dict[str, Workload]) -> Workload | None:
    """The replicas that one server's name stands for."""
    server = pool.servers[0]
    host = (server.address or server.name).lower().rpartition("://")[2].partition("/")[0].partition(":")[0]
    workload = several.get(host) or several.get(host.partition(".")[0])
    return workload if workload and affinity.product not in RESOLVES_ALL else None
