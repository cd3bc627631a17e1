"""Does the store answer in time?"""

from sessiondoctor.api import Fine, Problem, RedisServer, Severity, Unknown, Verdicts, check

SLOWEST_MS = 500.0  # common time-outs of clients are 500 to 5000 ms
MEDIAN_MS = 100.0  # a request looks the session up, and stores it: twice that is felt


@check(severity=Severity.HIGH, false_alarm=0.003)
def store_answers_late(servers: tuple[RedisServer, ...]) -> Verdicts:
    """The store answers late.

    Asked for the time, the simplest of questions, a few times over one connection from this machine. One answer of half
    a second is a stall; a median of a tenth of a second is a slow network or a server with too much to do.
    """
    for server in servers:
        median, slowest = server.speed.median_ms, server.speed.slowest_ms
        if median is None or slowest is None:
            yield Unknown("the store's round trip could not be measured", subject=server.store)
        elif slowest >= SLOWEST_MS or median >= MEDIAN_MS:
            text = f"the round trip takes {median:.0f} ms in the median and {slowest:.0f} ms at worst"
            yield Problem(text, subject=server.store, where=(server.store,))
        else:
            yield Fine(f"the store answers within {slowest:.1f} ms", subject=server.store, power=0.5)
