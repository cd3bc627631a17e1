"""Does the store keep connections open that a pool keeps?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, StoreServer, Verdicts, check

LEAST_S = 600  # pools keep an idle connection for ten minutes and more
UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
PLAIN = {"redis": ("timeout", 1.0), "mysql": ("wait_timeout", 1.0), "postgresql": ("idle_session_timeout", 0.001)}


@check(severity=Severity.LOW)
def store_closes_idle_connections(configs: Configs) -> Verdicts:
    """The store closes idle connections that applications keep in pools.

    Redis `timeout`, MySQL `wait_timeout`, PostgreSQL `idle_session_timeout`: the first request after a quiet time meets
    a closed connection, and fails unless the client tests or renews it. 0 means never.
    """
    servers = [one for one in configs.store_servers if one.product in PLAIN and one.setting(PLAIN[one.product][0])]
    if not servers:
        raise NotApplicable("no given file says when a store closes idle connections")
    for server in servers:
        name, _ = PLAIN[server.product]
        life = _seconds(server)
        if 0 < life < LEAST_S:
            yield Problem(f"{server.product} closes connections that are idle for {life:g} s ({name})",
                          subject=server.owner, where=(server.owner,), at=server.place(name))  # fmt: skip
        else:
            yield Fine("idle connections are kept", subject=server.owner)


def _seconds(server: StoreServer) -> float:
    """Its setting in seconds; 0 where that is no number."""
    name, unit = PLAIN[server.product]
    word = server.setting(name).strip()
    number = word.rstrip("abcdefghijklmnopqrstuvwxyz ")
    if not number.isdigit():
        return 0.0
    return int(number) * UNITS.get(word[len(number) :].strip(), unit)
