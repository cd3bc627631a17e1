"""Do all clients of the store have the right credentials?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check

LOGIN = ("WRONGPASS", "NOAUTH", "NOPERM")
FEW = 5  # so many may come from somebody who tried by hand
STRAY = 0.3


@check(severity=Severity.HIGH)
def store_rejects_logins(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store has rejected clients for their credentials.

    A node with a wrong password keeps no session there; many frameworks go on without a word.
    """
    for server in servers:
        counts = [f"{name} {server.errors[name]}" for name in LOGIN if server.errors.get(name)]
        if counts:
            few = sum(server.errors.get(name, 0) for name in LOGIN) < FEW
            yield Problem(
                f"clients were rejected: {', '.join(counts)}",
                subject=server.store,
                where=(server.store,),
                chance=STRAY if few else 0.0,
            )
        else:
            yield Fine("no client was rejected", subject=server.store)
