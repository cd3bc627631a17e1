"""Does trouble with disk or replicas block writes?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check

BLOCKING = ("MISCONF", "NOREPLICAS")


@check(severity=Severity.HIGH)
def store_writes_blocked(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store refuses writes because it cannot persist or has too few replicas.

    `MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk` or
    `NOREPLICAS Not enough good replicas to write`.
    """
    for server in servers:
        errors = [f"{name} {server.errors[name]}" for name in BLOCKING if server.errors.get(name)]
        errors += [] if server.rdb_last_bgsave_ok else ["the last background save failed"]
        errors += [] if server.aof_last_write_ok else ["the last write of the append-only file failed"]
        if errors:
            yield Problem(", ".join(errors), subject=server.store, where=(server.store,))
        else:
            yield Fine("it can persist and has its replicas", subject=server.store)
