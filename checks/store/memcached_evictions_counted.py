"""Has a memcached evicted items before their time?"""

from sessiondoctor.api import Fine, MemcachedServer, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def memcached_evictions_counted(servers: tuple[MemcachedServer, ...]) -> Verdicts:
    """A memcached has evicted items before their time since it started.

    A counter: it says that memory was full at some time, not when. How long the items had not been asked for tells
    whether sessions in use went. Items without an expiry are no sessions.
    """
    for server in servers:
        if server.evicted_with_expiry > 0:
            idle = f", one {server.evicted_idle_s} s after its last use" if server.evicted_idle_s is not None else ""
            text = f"{server.endpoint} evicted {server.evicted_with_expiry} items before their time{idle}"
            yield Problem(f"{text}, in {server.uptime_s} s", subject=server.store, where=(server.store,))
        elif not server.full:
            yield Fine(f"{server.endpoint} never evicted an item with an expiry", subject=server.store)
