"""Does the store run out of connections?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def connections_rejected(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store has rejected connections.

    `ERR max number of clients reached`: pools are too large for maxclients, or connections leak.
    """
    for server in servers:
        if server.rejected_connections > 0:
            limit = f", maxclients {server.maxclients}" if server.maxclients else ""
            text = f"{server.rejected_connections} connections were rejected{limit}"
            yield Problem(text, subject=server.store, where=(server.store,))
        else:
            yield Fine("no connection was rejected", subject=server.store)
