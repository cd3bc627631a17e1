"""Is anything configured that keeps a client on its node?"""

import re
from collections.abc import Iterator

from sessiondoctor.api import (
    Configs,
    Fine,
    Inconclusive,
    Location,
    NotApplicable,
    Pool,
    Problem,
    Service,
    Severity,
    Topology,
    Verdicts,
    check,
)  # fmt: skip

STATIC = re.compile(r"static|assets?|images?|media|cdn|mirror|registry", re.IGNORECASE)  # nothing there knows a session


@check(severity=Severity.HIGH)
def pool_without_affinity(configs: Configs, topology: Topology) -> Verdicts:
    """The balancer's configuration keeps no client on its node.

    Judged where the whole block of an upstream or a backend is in hand, and for Services with several replicas. It is
    a fault only if the nodes keep their sessions themselves: as declared, as their own configuration says, or as users
    who lose them show.
    """
    if not topology.may_need_affinity() or configs.shares_sessions():
        raise NotApplicable("the nodes share their sessions, so that affinity is not needed")
    pools = [*_pools(configs), *_services(configs), *_workloads(configs)]
    if not pools:
        raise NotApplicable("no given file has several nodes behind one balancer")
    bare = [(name, owner, at) for name, owner, at, kept in pools if not kept]
    local = topology.mode() == "sticky" or topology.symptoms or configs.shares_sessions() is False
    if bare and not local:
        raise Inconclusive("whether affinity is needed depends on where sessions are; declare site.mode")
    for name, owner, at in bare:
        text = f"{name or 'the service'} has several nodes and no affinity"
        yield Problem(text, subject=owner, where=(owner,), at=at, detail=name)
    if not bare:
        yield Fine("every pool with several nodes has affinity")


Found = tuple[str, str, Location, bool]


def _pools(configs: Configs) -> Iterator[Found]:
    for pool in configs.pools:
        if _several(pool) and pool.whole and not STATIC.search(pool.name):
            yield pool.name, pool.owner, pool.at, bool(configs.affinities_of(pool))


def _several(pool: Pool) -> bool:
    return sum(server.role == "" for server in pool.servers) > 1


def _services(configs: Configs) -> Iterator[Found]:
    for service in configs.services:
        if service.headless or configs.replicas_behind(service) < 2:
            continue
        exposed = service.type in {"LoadBalancer", "NodePort"} or any(p.target == service.name for p in configs.proxies)
        if exposed and not _is_store(service):
            yield service.name, service.owner, service.at, bool(configs.affinities_of(service) or _unnamed(configs))


def _unnamed(configs: Configs) -> bool:
    """Affinity in a fragment that does not say for which Service it is."""
    return any(not affinity.pool and affinity.by != "nothing" for affinity in configs.affinities)


def _is_store(service: Service) -> bool:
    words = ("redis", "postgres", "mysql", "mariadb", "memcached", "mongo", "database", "valkey")
    return any(word in f"{service.name} {' '.join(service.selector)}".lower() for word in words)


def _workloads(configs: Configs) -> Iterator[Found]:
    """Replicas in values of a chart, or of a container that compose publishes."""
    for workload in configs.workloads:
        open_ = workload.public and workload.kind in {"values", "compose"}
        if open_ and ((workload.replicas or 0) > 1 or workload.autoscaled):
            kept = any(one.owner == workload.owner and one.by != "nothing" for one in configs.affinities)
            yield workload.name, workload.owner, workload.at, kept
