"""Does the store stand still now and then?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Unknown, Verdicts, check

LONG_MS = 250.0  # everybody waits, because commands run one at a time
LATELY_S = 3600


@check(severity=Severity.MEDIUM, false_alarm=0.01)
def store_stalls(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store was blocked for a while within the last hour.

    Commands run one at a time: a slow one (KEYS, a large DEL, a script) holds up all others, and so does the fork of a
    snapshot. Told by the slow log, the latency monitor and the time of the latest fork; of commands, the name only.
    """
    for server in servers:
        stalls = _stalls(server)
        if stalls:
            yield Problem("; ".join(stalls), subject=server.store, where=(server.store,))
        elif server.speed.slow is None:
            yield Unknown("its slow log may not be asked", subject=server.store)
        else:
            yield Fine("no long command in its slow log of the last hour", subject=server.store, power=0.5)


def _stalls(server: RedisServer) -> list[str]:
    speed = server.speed
    slow = [one for one in speed.slow or () if one.took_ms >= LONG_MS and one.age_s <= LATELY_S]
    spikes = [one for one in speed.spikes or () if one.latest_ms >= LONG_MS and one.age_s <= LATELY_S]
    worst = sorted(slow, key=lambda one: -one.took_ms)[:1]
    facts = [f"{one.command} took {one.took_ms:.0f} ms, {one.age_s} s ago, one of {len(slow)}" for one in worst]
    facts += [f"{one.event} held it up for {one.latest_ms} ms, {one.age_s} s ago" for one in spikes]
    return facts + ([f"the latest fork took {speed.fork_ms:.0f} ms"] if speed.fork_ms >= LONG_MS else [])
