"""Do keys of sessions stay in the store until they expire?"""

from sessiondoctor.api import Fine, Inconclusive, Located, Problem, Severity, Verdicts, check


@check(severity=Severity.CRITICAL, role="loss")
def key_gone_early(located: Located) -> Verdicts:
    """A session disappeared from the store before its expiry.

    The store evicted it, was emptied or restarted, or some program deleted it: reading cannot have been the reason.
    """
    watched = [session for session in located.sessions if session.places]
    if not watched:
        raise Inconclusive("no session was found in a store")
    gone = [session for session in watched if session.vanished_after_s is not None]
    if not gone:
        yield Fine("every key that nobody touched is still there", power=0.5)
        return
    place, after = gone[0].places[0], gone[0].vanished_after_s or 0.0
    left = "no expiry" if place.ttl_s == -1 else f"{place.ttl_s or 0.0:.0f} s to live"
    text = f"a session's key with {left} was gone after {after:.1f} s; meanwhile {_given_up(located)}"
    yield Problem(text, where=(place.store,), seen={"evicted": located.evicted, "expired": located.expired})


def _given_up(located: Located) -> str:
    if located.evicted is None:
        return "the store does not tell what it gave up"
    return f"the store evicted {located.evicted} keys" if located.evicted else "the store evicted nothing"
