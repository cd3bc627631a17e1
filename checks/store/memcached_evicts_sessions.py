"""Is a memcached throwing sessions away right now?"""

from sessiondoctor.api import Fine, MemcachedServer, Problem, Severity, Verdicts, check


@check(severity=Severity.CRITICAL, role="loss")
def memcached_evicts_sessions(servers: tuple[MemcachedServer, ...]) -> Verdicts:
    """A memcached evicts items during the scan.

    `evicted_nonzero` counts evicted items that have an expiry, as sessions do.
    """
    for server in servers:
        if server.evicted_with_expiry_delta > 0:
            text = f"{server.endpoint} evicted {server.evicted_with_expiry_delta} items before their time"
            yield Problem(f"{text} within {server.delta_s:.1f} s", subject=server.store, where=(server.store,))
        elif not server.full:
            yield Fine(f"{server.endpoint} evicted no item meanwhile", subject=server.store, power=0.5)
