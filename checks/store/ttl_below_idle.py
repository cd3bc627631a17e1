"""Does the store keep sessions for the idle timeout?"""

from sessiondoctor.api import Fine, Inconclusive, Located, NotApplicable, Problem, Severity, Topology, Verdicts, check

TOLERANCE_S = 5  # between the write and the look


@check(severity=Severity.HIGH, role="loss")
def ttl_below_idle(located: Located, topology: Topology) -> Verdicts:
    """Keys of sessions expire in the store before the idle timeout.

    Looks at the keys of the scan's own sessions right after they were written, less what a framework adds: some keep
    the key for minutes after the session's end.
    """
    idle = topology.site.idle_timeout
    if idle is None:
        raise NotApplicable("the idle timeout is not known", hint="declare site.idle_timeout")
    places = [(s.node, place) for s in located.sessions for place in s.places if place.ttl_s is not None]
    if not places:
        raise Inconclusive("no expiry of a session's key could be read")
    for node, place in places:
        ttl = place.ttl_s or 0.0
        if 0 <= ttl < idle + place.beyond_s - TOLERANCE_S:
            text = f"a session of {node} expires after {ttl - place.beyond_s:.0f} s, the idle timeout is {int(idle)} s"
            yield Problem(text, subject=node, where=(place.store,))
        else:
            yield Fine(f"a session of {node} is kept long enough", subject=node)
