"""Has a session manager that counts on affinity a balancer that gives it?"""

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

LOST = {"state-stale", "state-flaps", "state-lost", "logged-out-at-random", "login-loop"}


@check(severity=Severity.HIGH)
def session_manager_needs_affinity(configs: Configs, topology: Topology) -> Verdicts:
    """A session manager counts on affinity that no balancer gives.

    In sticky mode, the default of Hazelcast's manager and of memcached-session-manager, a node answers from its own
    copy: a client that moves sees old or no attributes. Judged of a balancer's whole configuration, or of what users
    report.
    """
    sticky = [one for one in configs.managers if one.sticky]
    if not sticky:
        raise NotApplicable("no given file has a session manager in sticky mode")
    kept = any(one.by not in {"nothing", "url"} for one in configs.affinities)
    bare = [pool for pool in configs.pools if pool.whole and len(pool.servers) > 1]
    for one in sticky:
        if kept:
            yield Fine("the balancer keeps clients on their node", subject=one.owner)
        elif bare or LOST & set(topology.symptoms):
            yield Problem(_text(one, bare[0].name if bare else ""), subject=one.owner, where=(one.owner,), at=one.at,
                          detail=one.product)  # fmt: skip
        else:
            yield Unknown("what the balancer does is not known", subject=one.owner)


def _text(one: Manager, pool: str) -> str:
    balancer = f"{pool} has none" if pool else "none is configured here"
    return f"{one.product} is in sticky mode and counts on affinity; {balancer}"
