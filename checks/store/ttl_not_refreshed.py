"""Does using a session keep it alive?"""

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Severity, Verdicts, check

LONG_S = 8 * 3600  # a session that lasts a working day need not slide
SHARE = 0.5  # of the pause by which the expiry must have fallen to say that it was not renewed
PAUSE_S = 1.0


@check(severity=Severity.MEDIUM, role="loss")
def ttl_not_refreshed(located: Located) -> Verdicts:
    """Using a session does not renew its expiry in the store.

    Users are logged out at a fixed time after they came, however active they are.
    """
    looked = [
        (session.node, place)
        for session in located.sessions
        for place in session.places
        if place.ttl_s is not None
        and place.ttl_s > 0
        and place.ttl_after_read_s is not None
        and place.paused_s >= PAUSE_S
    ]
    if not looked:
        raise Inconclusive("the expiry of no session's key could be read twice")
    for node, place in looked:
        fallen = (place.ttl_s or 0.0) - (place.ttl_after_read_s or 0.0)
        if fallen > SHARE * place.paused_s and (place.ttl_s or 0.0) < LONG_S:
            text = f"using a session on {node} did not extend its expiry ({place.ttl_s:.0f} s, still counting down)"
            yield Problem(text, subject=node, where=(place.store,))
        else:
            yield Fine(f"using a session on {node} extends its expiry", subject=node)
