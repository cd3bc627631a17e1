"""Did the store restart without its data?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Topology, Verdicts, check

USUAL_S = 1800  # the idle timeout of servlet containers, where none is declared
FEW = 5  # look-ups without result that say nothing
YOUNG = 0.01  # how often a store is so young for another reason


@check(severity=Severity.MEDIUM, false_alarm=0.03)
def store_restarted_empty(servers: tuple[RedisServer, ...], topology: Topology) -> Verdicts:
    """The store restarted without data within a session's life.

    It has no append-only file, never wrote a snapshot and loaded none when it started. A new store looks the same, but
    for the look-ups: who asks it for sessions from before finds none.
    """
    life = topology.site.idle_timeout or USUAL_S
    for server in servers:
        young = server.uptime_s < life and not server.disk.loaded and server.persistence == "none seen"
        if young and server.misses > max(FEW, server.hits):
            text = (
                f"it started {server.uptime_s} s ago with nothing on disk, and {server.misses} of "
                f"{server.hits + server.misses} look-ups found nothing"
            )
            yield Problem(text, subject=server.store, where=(server.store,), chance=YOUNG)
        else:
            yield Fine("the store did not lose its data within a session's life", subject=server.store, power=0.5)
