"""Would the store throw sessions away when its memory is full, as it is configured?"""

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    Severity,
    StoreServer,
    Topology,
    Unknown,
    Verdicts,
    check,
)

ASKED = {"logged-out-at-random", "state-lost"}


@check(severity=Severity.MEDIUM)
def policy_configured_evicts(configs: Configs, topology: Topology) -> Verdicts:
    """The store is configured to delete sessions when memory is full.

    `maxmemory` with `allkeys-*`, or with `volatile-*`, which takes keys that expire, as sessions do. A store that is a
    cache and nothing else should be so: this fails only if a given file keeps sessions in Redis, or users lose them.
    """
    limited = [one for one in configs.store_servers if one.product == "redis" and _limited(one)]
    if not limited:
        raise NotApplicable("no given file limits the memory of a Redis")
    for server in limited:
        policy = server.setting("maxmemory-policy") or "noeviction"
        if not policy.startswith(("allkeys", "volatile")):
            yield Fine(f"nothing is evicted under {policy}", subject=server.owner)
        elif configs.keeps_sessions_in("redis", server) or ASKED & set(topology.symptoms):
            text = f"above {server.setting('maxmemory')} Redis deletes keys under {policy}, sessions among them"
            yield Problem(text, subject=server.owner, where=(server.owner,), at=server.place("maxmemory-policy"))
        else:
            yield Unknown("whether sessions are in this Redis is not known", subject=server.owner)


def _limited(server: StoreServer) -> bool:
    return server.setting("maxmemory").strip() not in {"", "0"}
