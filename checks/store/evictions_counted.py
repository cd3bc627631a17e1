"""Has the store evicted keys?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def evictions_counted(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store has evicted keys since it started.

    A counter: it says that memory was full at some time, not when, nor which keys went.
    """
    for server in servers:
        if server.evicted_keys > 0:
            text = (
                f"{server.evicted_keys} keys were evicted in {server.uptime_s} s, policy {server.policy or 'unknown'}"
            )
            yield Problem(text, subject=server.store, where=(server.store,))
        else:
            yield Fine("no key was ever evicted", subject=server.store)
