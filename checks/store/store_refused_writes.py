"""Did the store refuse writes during the scan?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Unknown, Verdicts, check

REFUSING = ("OOM", "MISCONF", "NOREPLICAS", "READONLY")


@check(severity=Severity.CRITICAL, role="loss")
def store_refused_writes(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store refused writes while this scan went on.

    `OOM`, `MISCONF`, `NOREPLICAS` and, of a replica, `READONLY` are answered to any client that writes: a session that
    was to be created or changed meanwhile was not. Told by two looks at the count of errors of the store and of those
    of its replicas that clients take for it.
    """
    for server in servers:
        refused = {name: server.errors_delta[name] for name in REFUSING if server.errors_delta.get(name)}
        of_copies = sum(server.copies_refused_delta.values())
        refused |= {"READONLY": of_copies} if of_copies else {}
        if refused:
            text = " and ".join(f"{count} writes with {name}" for name, count in refused.items())
            yield Problem(f"the store refused {text}", subject=server.store, where=(server.store,))
        elif server.delta_s <= 0.0:
            yield Unknown("the store did not answer a second time", subject=server.store)
        else:
            yield Fine("the store refused no write during the scan", subject=server.store, power=0.5)
