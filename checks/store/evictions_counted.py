"""Has the store evicted keys, and will it go on?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Verdicts, check

NEARLY = 0.8  # of maxmemory


@check(severity=Severity.HIGH)
def evictions_counted(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store has evicted keys and its memory is nearly full.

    The counter says that memory was full at some time, not when, nor which keys went. With head room today it is
    history: of the cached data of one busy day, or of a limit that was raised since.
    """
    for server in servers:
        ever = f"{server.evicted_keys} keys were evicted in {server.uptime_s} s"
        if not server.evicted_keys and not server.evicted_delta:
            yield Fine("no key was ever evicted", subject=server.store)
        elif server.evicted_delta or server.filled >= NEARLY:
            text = f"{ever}, policy {server.policy or 'unknown'}, {server.filled:.0%} of maxmemory is used"
            yield Problem(text, subject=server.store, where=(server.store,))
        else:
            text = f"{ever}, none while it was looked at; {server.filled:.0%} of maxmemory is used"
            yield Fine(text, subject=server.store, power=0.5)
