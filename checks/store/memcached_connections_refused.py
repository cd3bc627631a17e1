"""Does a memcached run out of connections?"""

from sessiondoctor.api import Fine, MemcachedServer, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def memcached_connections_refused(servers: tuple[MemcachedServer, ...]) -> Verdicts:
    """A memcached has refused connections.

    `ERROR Too many open connections`, `listen_disabled_num`: more clients than -c allows.
    """
    for server in servers:
        limit = f"; its limit is {server.max_connections}" if server.max_connections else ""
        if server.full:
            text = f"{server.endpoint} has no connection left"
            yield Problem(text, subject=server.store, where=(server.store,))
        elif server.refused_connections > 0:
            text = f"{server.endpoint} refused connections {server.refused_connections} times{limit}"
            yield Problem(text, subject=server.store, where=(server.store,))
        else:
            yield Fine(f"{server.endpoint} refused no connection", subject=server.store)
