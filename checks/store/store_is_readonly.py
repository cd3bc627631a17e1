"""Does the store take writes?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check

HISTORY = 0.3  # how often an old count has nothing to do with what users see today


@check(severity=Severity.CRITICAL)
def store_is_readonly(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store, or what nodes use as one, is a read-only replica.

    `READONLY You can't write against a read only replica`: after a failover nodes still talk to the old primary, or
    one was given the replica's address. Where sentinels name the primary, its replicas are asked as well.
    """
    for server in servers:
        yield _verdict(server)


def _verdict(server: RedisServer) -> Problem | Fine:
    where = (server.store,)
    if server.role in {"slave", "replica"}:
        return Problem(f"{server.endpoint} is a replica", subject=server.store, where=where)
    count, now = server.errors.get("READONLY", 0), server.errors_delta.get("READONLY", 0)
    if count or now:
        text = f"{count + now} writes were refused because it was a replica"
        return Problem(text, subject=server.store, where=where, chance=0.0 if now else HISTORY)
    copies = {place: refused for place, refused in server.copies_refused.items() if refused}
    if copies:
        place, now = max(copies, key=lambda one: copies[one]), sum(server.copies_refused_delta.values())
        text = f"the primary is {server.endpoint}, and its replica {place} has refused {copies[place]} writes"
        lately = f", {now} of them during this scan" if now else ""
        return Problem(f"{text}{lately}", subject=server.store, where=where, chance=0.0 if now else HISTORY)
    return Fine("the store is a primary and refused no write as a replica", subject=server.store)
