"""Was one database of the store emptied a short time ago?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Topology, Verdicts, check

USUAL_S = 1800  # the idle timeout of servlet containers, where none is declared
ANOTHER = 0.3  # how often it is a cache's database, which is emptied on purpose


@check(severity=Severity.MEDIUM, false_alarm=0.03)
def database_recently_emptied(servers: tuple[RedisServer, ...], topology: Topology) -> Verdicts:
    """A database of the store was emptied within a session's life.

    FLUSHDB was called, by "clear cache" for instance, since the store started less than an idle timeout ago, or during
    this scan. No counter tells which database: where cache and sessions share one, everybody is logged out.
    """
    life = topology.site.idle_timeout or USUAL_S
    for server in servers:
        calls = server.commands_delta.get("flushdb", 0)
        if server.uptime_s < life:
            calls += server.commands.get("flushdb", 0)
        if calls:
            text = f"FLUSHDB was called {calls} times within the life of a session; which database is not known"
            yield Problem(text, subject=server.store, where=(server.store,), chance=ANOTHER)
        else:
            yield Fine("no database was emptied within the life of a session", subject=server.store)
