"""Does the store run out of connections?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check

NEARLY = 0.95  # of maxclients
HISTORY = 0.3  # how often an old count has nothing to do with what users see today


@check(severity=Severity.HIGH)
def connections_rejected(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store rejects connections because too many are open.

    `ERR max number of clients reached`: pools are too large for maxclients, or connections leak. Told by the count of
    rejected connections, and by how near to the limit the store is. A count that does not grow may be history.
    """
    for server in servers:
        limit = server.maxclients or 0
        of = f"{server.connected_clients} of {limit} connections are open" if limit else "its limit is not known"
        near = limit and server.connected_clients >= NEARLY * limit
        if server.rejected_delta or near:
            text = f"{server.rejected_connections + server.rejected_delta} connections were rejected, {of}"
            yield Problem(text, subject=server.store, where=(server.store,))
        elif server.rejected_connections:
            text = f"{server.rejected_connections} connections were rejected in {server.uptime_s} s; now {of}"
            yield Problem(text, subject=server.store, where=(server.store,), chance=HISTORY)
        else:
            yield Fine("no connection was rejected", subject=server.store)
