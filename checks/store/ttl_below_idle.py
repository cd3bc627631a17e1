"""Does the store keep sessions for the idle timeout?"""

from math import inf

from sessiondoctor.api import (
    Fine,
    Inconclusive,
    Located,
    NotApplicable,
    Place,
    Problem,
    Severity,
    Topology,
    Verdicts,
    check,
)

TOLERANCE_S = 5  # between the write and the look


@check(severity=Severity.HIGH, role="loss")
def ttl_below_idle(located: Located, topology: Topology) -> Verdicts:
    """Sessions expire in the store before the idle timeout.

    Looks at the keys of the scan's own sessions right after they were written, and again after all nodes have read
    them, less what a framework adds: some keep the key for minutes after the session's end.
    Files, and tables that only tell the last use, have no expiry: there the application's own clean-up decides.
    """
    idle = topology.site.idle_timeout
    if idle is None:
        raise NotApplicable("the idle timeout is not known", hint="declare site.idle_timeout")
    found = [(session.node, place) for session in located.sessions for place in session.places]
    places = [(node, place) for node, place in found if place.ttl_s is not None and not place.timeless]
    if not places:
        timeless = any(place.timeless for _, place in found)
        raise Inconclusive(
            "the store does not tell when sessions end" if timeless else "no session's expiry could be read"
        )
    for node, place in places:
        made = (place.ttl_s or 0.0) - place.beyond_s
        read = _after_reads(place) - place.beyond_s
        if place.ttl_s != -1 and made < idle - TOLERANCE_S:
            text = f"a session of {node} expires after {made:.0f} s; the idle timeout is {int(idle)} s"
            yield Problem(text, subject=node, where=(place.store,))
        elif read < idle - TOLERANCE_S:
            text = (
                f"a read elsewhere cut the expiry of a session of {node} to {read:.0f} s; idle_timeout is {int(idle)} s"
            )
            yield Problem(text, subject=node, where=(place.store,))
        else:
            yield Fine(f"a session of {node} is kept long enough", subject=node)


def _after_reads(place: Place) -> float:
    """The most seconds that the last read may have given the key; infinity where that was not seen."""
    last = place.ttl_last_s
    return inf if last is None or last < 0 else last + place.last_s
