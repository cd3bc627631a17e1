"""Would the store throw sessions away when memory is full?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check

NEARLY = 0.8  # of maxmemory
MANY = 0.05  # of all keys


@check(severity=Severity.MEDIUM, false_alarm=0.02)
def policy_evicts_sessions(servers: tuple[RedisServer, ...]) -> Verdicts:
    """Memory is nearly full, and the eviction policy would take sessions.

    `allkeys-*` takes any key. `volatile-*` takes only keys with an expiry: where other keys have none, sessions are the
    only victims. A policy alone condemns nobody: with head room nothing is evicted.
    """
    for server in servers:
        if not server.policy.startswith(("allkeys", "volatile")):
            yield Fine(f"nothing is evicted under {server.policy or 'its policy'}", subject=server.store)
        elif server.filled < NEARLY:
            used = f"{server.filled:.0%} of maxmemory is used" if server.maxmemory else "there is no maxmemory"
            yield Fine(f"{used}, so nothing is evicted", subject=server.store)
        else:
            text = f"{server.filled:.0%} of maxmemory is used under {server.policy}{_victims(server)}"
            yield Problem(text, subject=server.store, where=(server.store,))


def _victims(server: RedisServer) -> str:
    eternal = server.keys - server.expiring
    if server.policy.startswith("volatile") and eternal > MANY * server.keys:
        return f"; only the {server.expiring} of {server.keys} keys that have an expiry can go, as sessions have"
    return ""
