"""Is the idle timeout all that ends sessions?"""

from statistics import median

from sessiondoctor.api import Fine, Inconclusive, Located, NotApplicable, Problem, Severity, Topology, Verdicts, check

SYMPTOM = "logged-out-after-idle"
SLACK = 0.05
LEAST_S = 5.0


@check(severity=Severity.MEDIUM)
def idle_timeout_uniform(located: Located, topology: Topology) -> Verdicts:
    """All sessions end after the same idle time: the configured timeout.

    Asked only where users are said to be logged out after being idle. What else could end a session early has checks
    of its own.
    """
    if SYMPTOM not in topology.symptoms:
        raise NotApplicable(f"nobody is said to be {SYMPTOM}", hint=f"if users are, declare symptoms: [{SYMPTOM}]")
    places = [place for session in located.sessions for place in session.places]
    known = [(place.ttl_s, place.ttl_after_read_s) for place in places if place.ttl_s is not None and place.ttl_s > 0]
    if not known or any(after is None for _, after in known):
        raise Inconclusive("how long sessions live could not be read twice")
    usual = median(ttl for ttl, _ in known)
    apart = max(LEAST_S, SLACK * usual)
    declared = topology.site.idle_timeout or usual
    if any(abs(ttl - usual) > apart or (after or 0.0) < ttl - 1.0 for ttl, after in known):
        yield Fine("sessions do not all end after one idle time: something else is wrong")
    elif usual < declared - apart:
        yield Fine(f"sessions end after {usual:.0f} s, before the declared {declared} s: that is a fault of its own")
    else:
        yield Problem(
            f"every session ends {usual:.0f} s after its last use, on whichever node: that is the idle timeout"
        )
