"""Was the store emptied a short time ago?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Topology, Verdicts, check

USUAL_S = 1800  # the idle timeout of servlet containers, where none is declared


@check(severity=Severity.CRITICAL, role="loss", false_alarm=0.002)
def store_recently_emptied(servers: tuple[RedisServer, ...], topology: Topology) -> Verdicts:
    """The store was emptied within the life of a session.

    FLUSHALL was called since it started, and it started less than an idle timeout ago; or the slow log tells when; or
    it happened during this scan. Everybody who was logged in before is logged out. FLUSHDB empties one database, and
    no counter tells which: see `database-recently-emptied`.
    """
    life = topology.site.idle_timeout or USUAL_S
    for server in servers:
        text = _emptied(server, life)
        if text:
            yield Problem(text, subject=server.store, where=(server.store,))
        else:
            yield Fine("the store was not emptied within a session's life", subject=server.store)


def _emptied(server: RedisServer, life: float) -> str:
    """What happened; empty if nothing did."""
    calls = server.commands.get("flushall", 0)
    ages = [entry.age_s for entry in server.speed.slow or () if entry.command == "flushall" and entry.age_s < life]
    if server.commands_delta.get("flushall", 0):
        return "FLUSHALL was called during this scan"
    if server.restarted and server.persistence not in {"aof", "rdb"}:
        return "it restarted during this scan, and keeps nothing on disk"
    if ages:
        return f"FLUSHALL was called {min(ages)} s ago"
    if calls and server.uptime_s < life:
        return f"FLUSHALL was called {calls} times in the {server.uptime_s} s since it started"
    return ""
