"""Does the store refuse writes for want of memory?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check


@check(severity=Severity.CRITICAL)
def oom_errors(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store refuses writes: it is out of memory.

    `OOM command not allowed when used memory > 'maxmemory'`: reads work, new logins and changes are not stored.
    """
    for server in servers:
        full = server.policy == "noeviction" and 0 < server.maxmemory <= server.used_memory
        count = server.errors.get("OOM", 0)
        if count or full:
            text = (
                f"{count} writes were refused for want of memory" if count else "memory is full and nothing is evicted"
            )
            yield Problem(text, subject=server.store, where=(server.store,))
        else:
            yield Fine("no write was refused for want of memory", subject=server.store)
