"""Does a memcached refuse writes for want of memory?"""

from sessiondoctor.api import Fine, MemcachedServer, Problem, Severity, Verdicts, check


@check(severity=Severity.CRITICAL)
def memcached_refuses_writes(servers: tuple[MemcachedServer, ...]) -> Verdicts:
    """A memcached refuses writes: it is out of memory.

    `SERVER_ERROR out of memory storing object`: it may not evict (-M), or no page is left for items of this size.
    """
    for server in servers:
        if server.no_memory > 0:
            why = "it may not evict (-M)" if not server.evicts else "no page is left for items of their size"
            text = f"{server.endpoint} refused {server.no_memory} writes because memory was full: {why}"
            yield Problem(text, subject=server.store, where=(server.store,))
        elif not server.full:
            yield Fine(f"{server.endpoint} refused no write for lack of memory", subject=server.store)
