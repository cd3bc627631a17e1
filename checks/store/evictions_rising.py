"""Is the store evicting sessions right now?"""

from sessiondoctor.api import Census, Fine, Problem, RedisServer, Severity, Unknown, Verdicts, check

MOST = 0.5  # of the sessions


@check(severity=Severity.CRITICAL, role="loss")
def evictions_rising(servers: tuple[RedisServer, ...], censuses: tuple[Census, ...] | None) -> Verdicts:
    """The store evicts keys during the scan.

    Memory is full. `allkeys-*` throws away any key, `volatile-*` only keys with an expiry: sessions without one are
    safe from it, sessions with one are its only victims where nothing else has one.
    """
    safe = {census.store for census in censuses or () if _mostly_eternal(census)}
    for server in servers:
        if server.delta_s <= 0.0:
            yield Unknown("the store did not answer a second time", subject=server.store)
        elif server.evicted_delta and not (server.policy.startswith("volatile") and server.store in safe):
            text = f"{server.evicted_delta} keys were evicted within {server.delta_s:.1f} s under {server.policy}"
            yield Problem(text, subject=server.store, where=(server.store,))
        elif server.evicted_delta:
            yield Fine(f"keys are evicted under {server.policy}, but sessions have no expiry", subject=server.store)
        else:
            yield Fine("the store evicted no key during the scan", subject=server.store, power=0.5)


def _mostly_eternal(census: Census) -> bool:
    keys = sum(group.keys for group in census.groups)
    return sum(group.without_ttl for group in census.groups) > MOST * keys
