"""Was the store emptied a short time ago?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Topology, Verdicts, check

USUAL_S = 1800  # the idle timeout of servlet containers, where none is declared


@check(severity=Severity.CRITICAL, role="loss")
def store_recently_emptied(servers: tuple[RedisServer, ...], topology: Topology) -> Verdicts:
    """The store was emptied within the life of a session.

    FLUSHALL or FLUSHDB was called since it started, and it started less than an idle timeout ago: everybody who was
    logged in before is logged out.
    """
    life = topology.site.idle_timeout or USUAL_S
    for server in servers:
        flushes = server.commands.get("flushall", 0) + server.commands.get("flushdb", 0)
        if flushes and server.uptime_s < life:
            text = f"it was emptied {flushes} times in the {server.uptime_s} s since it started"
            yield Problem(text, subject=server.store, where=(server.store,))
        else:
            yield Fine("it was not emptied within the life of a session", subject=server.store)
