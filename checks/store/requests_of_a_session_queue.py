"""Do requests of one session wait for each other?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Severity, Updates, Verdicts, check

SHARE = 0.6  # of the time that one request after the other would take
TIMES = 2.0  # as long as requests of as many sessions: two workers already show as much
MARGIN_S = 0.05  # less is the noise of a busy machine


@check(severity=Severity.LOW, role="hygiene")
def requests_of_a_session_queue(updates: Updates) -> Verdicts:
    """Parallel requests of one session are answered one after the other.

    The session is locked from a request's begin to its end. Increments at once in one session are compared with as many
    in sessions of their own, and with the time that one takes alone.
    """
    queue = updates.queue
    if queue is None:
        raise Inconclusive("no requests at once could be compared")
    own, one = queue.own_sessions_s, queue.one_session_s
    took = f"{queue.requests} requests at once take {one:.2f} s in one session"
    in_a_row = one >= SHARE * queue.requests * queue.alone_s
    if in_a_row and one >= TIMES * own and one - own >= MARGIN_S:
        where = () if queue.at == "site" else (queue.at,)
        yield Problem(f"{took} and {own:.2f} s in sessions of their own", where=where)
    else:
        yield Fine(f"{took}, {own:.2f} s in sessions of their own, and one alone {queue.alone_s:.3f} s")
