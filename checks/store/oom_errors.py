"""Does the store refuse writes for want of memory?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check

FULL = 0.99  # of maxmemory; a write that needs more than the rest is refused
HISTORY = 0.3  # how often an old count has nothing to do with what users see today


@check(severity=Severity.CRITICAL)
def oom_errors(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store refuses writes: it is out of memory.

    `OOM command not allowed when used memory > 'maxmemory'`: reads work, new logins and changes are not stored. It
    comes to that where nothing may be evicted: under `noeviction`, or under `volatile-*` when no key has an expiry.
    """
    for server in servers:
        count, now = server.errors.get("OOM", 0), server.errors_delta.get("OOM", 0)
        full = server.filled >= FULL and _nothing_to_evict(server)
        if full or now:
            refused = f", {count + now} writes were refused" if count + now else ""
            text = f"{server.filled:.0%} of maxmemory is used under {server.policy}{refused}"
            yield Problem(text, subject=server.store, where=(server.store,))
        elif count:
            text = f"{count} writes were refused because memory was full, in {server.uptime_s} s; there is room now"
            yield Problem(text, subject=server.store, where=(server.store,), chance=HISTORY)
        else:
            yield Fine("the store refused no write for lack of memory", subject=server.store)


def _nothing_to_evict(server: RedisServer) -> bool:
    return server.policy == "noeviction" or (server.policy.startswith("volatile") and not server.expiring)
