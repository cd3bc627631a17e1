"""Was a memcached emptied a short time ago?"""

from sessiondoctor.api import Fine, MemcachedServer, Problem, Severity, Topology, Verdicts, check

USUAL_S = 1800  # the idle timeout of servlet containers, where none is declared


@check(severity=Severity.CRITICAL, role="loss")
def memcached_recently_emptied(servers: tuple[MemcachedServer, ...], topology: Topology) -> Verdicts:
    """A memcached was emptied within the life of a session.

    flush_all was called since it started, and it started less than an idle timeout ago; or it was flushed or started
    anew while it was looked at. It keeps nothing over a restart.
    """
    life = topology.site.idle_timeout or USUAL_S
    for server in servers:
        if server.restarted:
            text = f"{server.endpoint} was started anew while it was looked at: it is empty"
            yield Problem(text, subject=server.store, where=(server.store,))
        elif server.flushes_delta or (server.flushes and server.uptime_s < life):
            text = f"{server.endpoint} was emptied {server.flushes} times in the {server.uptime_s} s since it started"
            missed = f"; {server.flushed_misses} reads found nothing for it" if server.flushed_misses else ""
            yield Problem(text + missed, subject=server.store, where=(server.store,))
        elif not server.full:
            yield Fine(f"{server.endpoint} was not emptied within the life of a session", subject=server.store)
