"""Is the store evicting keys right now?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check


@check(severity=Severity.CRITICAL, role="loss")
def evictions_rising(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store is evicting keys while it is looked at.

    Memory is full and the policy throws keys away, live sessions among them.
    """
    for server in servers:
        if server.evicted_delta > 0:
            text = f"{server.evicted_delta} keys were evicted within {server.delta_s:.1f} s"
            yield Problem(text, subject=server.store, where=(server.store,))
        else:
            yield Fine("no key was evicted meanwhile", subject=server.store, power=0.5)
