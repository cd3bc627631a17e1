"""Does the store take writes?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check

HISTORY = 0.3  # how often an old count has nothing to do with what users see today


@check(severity=Severity.CRITICAL)
def store_is_readonly(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store, or what nodes use as one, is a read-only replica.

    `READONLY You can't write against a read only replica`: after a failover nodes still talk to the old primary, or
    one was given the replica's address.
    """
    for server in servers:
        count, now = server.errors.get("READONLY", 0), server.errors_delta.get("READONLY", 0)
        if server.role in {"slave", "replica"}:
            yield Problem(f"{server.endpoint} is a replica", subject=server.store, where=(server.store,))
        elif count or now:
            text = f"{count + now} writes were refused because it was a replica"
            yield Problem(text, subject=server.store, where=(server.store,), chance=0.0 if now else HISTORY)
        else:
            yield Fine("it is a primary and refused no write as a replica", subject=server.store)
