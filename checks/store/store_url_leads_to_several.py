"""Does one store URL lead to one server?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, RedisServer, Severity, Verdicts, check

ENOUGH = 2


@check(severity=Severity.HIGH)
def store_url_leads_to_several(servers: tuple[RedisServer, ...]) -> Verdicts:
    """Several servers answer at the URL of one store.

    Several connections are opened, and the servers that answer name themselves by their run ids. A name with several
    addresses or a balancer for TCP leads each connection to one of them, and what one holds the others do not.
    """
    told = [server for server in servers if not server.shards]
    if not told:
        raise NotApplicable("the store is a cluster, whose shards are several servers by design")
    for server in told:
        if server.processes >= ENOUGH:
            text = f"{server.processes} servers answer at {server.endpoint}, one connection after the other"
            yield Problem(text, subject=server.store, where=(server.store,))
        else:
            yield Fine("each connection reached the same server", subject=server.store, power=0.9)
