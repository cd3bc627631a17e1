"""Would the store throw sessions away when memory is full?"""

from sessiondoctor.api import Census, Fine, Problem, RedisServer, Severity, Verdicts, check

NEARLY = 0.8  # of maxmemory


@check(severity=Severity.MEDIUM)
def policy_evicts_sessions(servers: tuple[RedisServer, ...], censuses: tuple[Census, ...]) -> Verdicts:
    """Memory is nearly full, and the eviction policy would take sessions.

    `allkeys-*` takes any key. `volatile-*` takes only keys with an expiry: where other keys have none, sessions are the
    only victims. A policy alone condemns nobody: with head room nothing is evicted.
    """
    keeps = {census.store: census.other_without_ttl for census in censuses}
    for server in servers:
        full = server.used_memory / server.maxmemory if server.maxmemory else 0.0
        if full < NEARLY or not server.policy.startswith(("allkeys", "volatile")):
            yield Fine("there is head room, or nothing is evicted", subject=server.store)
            continue
        only = ", and other keys have no expiry: sessions are the only victims"
        more = only if server.policy.startswith("volatile") and keeps.get(server.store) else ""
        text = f"{full:.0%} of maxmemory is used under {server.policy}{more}"
        yield Problem(text, subject=server.store, where=(server.store,))
