"""Does trouble with disk or replicas block writes?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check

BLOCKING = ("MISCONF", "NOREPLICAS")
HISTORY = 0.3  # how often an old count has nothing to do with what users see today


@check(severity=Severity.HIGH)
def store_writes_blocked(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store refuses writes: it cannot persist or lacks replicas.

    `MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk` or
    `NOREPLICAS Not enough good replicas to write`. Told by the state now and by the counts of both errors; a count that
    does not grow while the state is good is history.
    """
    for server in servers:
        now = [*_state(server), *(f"{name} now" for name in BLOCKING if name in server.errors_delta)]
        ever = [f"{name} {server.errors[name]}" for name in BLOCKING if server.errors.get(name)]
        if now:
            yield Problem(", ".join([*now, *ever]), subject=server.store, where=(server.store,))
        elif ever:
            text = f"{', '.join(ever)} in {server.uptime_s} s, none while it was looked at"
            yield Problem(text, subject=server.store, where=(server.store,), chance=HISTORY)
        else:
            yield Fine("the store can persist and has its replicas", subject=server.store)


def _state(server: RedisServer) -> list[str]:
    facts = {
        "the last background save failed": not server.rdb_last_bgsave_ok,
        "the last write of the append-only file failed": not server.aof_last_write_ok,
        "no replica is in touch, though some must be": server.replication.good == 0,
    }
    return [fact for fact, holds in facts.items() if holds]
