"""Do all clients of the store have the right credentials?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check

LOGIN = ("WRONGPASS", "NOAUTH", "NOPERM")
FEW = 5  # so many may come from somebody who tried by hand
STRAY = 0.3


@check(severity=Severity.HIGH)
def store_rejects_logins(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store has rejected clients for their credentials.

    A node with a wrong password keeps no session there; many frameworks go on without a word. Rejections during this
    scan weigh more than a few from some time ago.
    """
    for server in servers:
        now = sum(server.errors_delta.get(name, 0) for name in LOGIN)
        counts = {name: server.errors.get(name, 0) + server.errors_delta.get(name, 0) for name in LOGIN}
        told = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
        if told:
            stray = not now and sum(counts.values()) < FEW
            text = f"clients were rejected: {told}{', some of them during this scan' if now else ''}"
            yield Problem(text, subject=server.store, where=(server.store,), chance=STRAY if stray else 0.0)
        else:
            yield Fine("no client was rejected", subject=server.store)
