"""Does the store take writes?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check


@check(severity=Severity.CRITICAL)
def store_is_readonly(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store, or what nodes use as one, is a read-only replica.

    `READONLY You can't write against a read only replica`: after a failover nodes still talk to the old primary, or
    one was given the replica's address.
    """
    for server in servers:
        count = server.errors.get("READONLY", 0)
        if server.role in {"slave", "replica"}:
            yield Problem(f"{server.endpoint} is a replica", subject=server.store, where=(server.store,))
        elif count:
            text = f"{count} writes were refused because it was a replica"
            yield Problem(text, subject=server.store, where=(server.store,))
        else:
            yield Fine("it is a primary and refused no write as a replica", subject=server.store)
