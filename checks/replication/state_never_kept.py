"""Is the state ever there again after it was written?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Severity, Verdicts, Visits, check

ENOUGH = 3  # looks: fewer might all have met the wrong node


@check(severity=Severity.HIGH)
def state_never_kept(visits: Visits) -> Verdicts:
    """What a client writes is gone at every later request.

    Then nothing was stored, or the cookie never comes back. One look that found the state speaks against all that.
    """
    others = (trace for trace in (visits.frozen, visits.kept_alive) if trace)
    looks = [one for trace in (*visits.returning, *others) for one in trace.exchanges[1:] if one.state != "unknown"]
    kept = sum(exchange.state == "kept" for exchange in looks)
    if len(looks) < ENOUGH:
        raise Inconclusive("too few follow-up requests tell whether the state is there")
    if kept:
        yield Fine(f"{kept} of {len(looks)} follow-up requests found it")
    else:
        yield Problem(f"none of {len(looks)} follow-up requests found what was written")
