"""Does a browser take its session along to the site's other URLs?"""

from sessiondoctor.api import (
    Confidence,
    Crossing,
    Doors,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Unknown,
    Verdicts,
    Walk,
    check,
)


@check(severity=Severity.HIGH, role="loss")
def origins_disagree(doors: Doors) -> Verdicts:
    """A browser does not send the session cookie to another URL of the site, and is a stranger there.

    Looks at a session through each declared URL and through http instead of https or the reverse. Where a client that
    sends every cookie sees its state, the cookie's attributes are to blame. A URL that redirects is fine.
    """
    crossings = [one for one in doors.of("url", "scheme") if not (one.trouble and one.door.kind == "scheme")]
    if not crossings:
        raise NotApplicable("the site has one URL", hint="declare site.urls")
    if doors.home_lost:
        raise Inconclusive("a client that keeps to one URL loses its state as well")
    for crossing in crossings:
        yield _verdict(crossing, flow=doors.flow)


def _verdict(crossing: Crossing, *, flow: bool) -> Problem | Fine | Unknown:
    name = crossing.door.name
    if crossing.trouble:
        return Unknown(crossing.trouble, subject=name)
    if crossing.leads_to and (crossing.kept or not crossing.there):
        return Fine(f"it redirects to {crossing.leads_to}", subject=name)
    if not crossing.withheld:
        return Fine("a browser sends its session cookie there", subject=name)
    confidence = _confidence(crossing, flow=flow)
    if confidence is None:
        return Unknown(_why(crossing, flow=flow), subject=name)
    return Problem(
        f"a browser does not send the session cookie to {name}: {crossing.withheld}",
        subject=name,
        where=(name,),
        seen={"strip": Walk(crossing.hops).strip()},
        confidence=confidence,
    )


def _confidence(crossing: Crossing, *, flow: bool) -> Confidence | None:
    """How sure it is that the cookie is missed; None if that cannot be told."""
    raw = {hop.state for hop in crossing.raw_there}
    if crossing.lost and "kept" in raw:
        return Confidence.FIRM
    if crossing.lost and not raw:
        return Confidence.TENTATIVE
    return Confidence.TENTATIVE if not flow and crossing.session_cookies else None


def _why(crossing: Crossing, *, flow: bool) -> str:
    if not flow:
        return f"the session cookie is not sent there; whether it is missed cannot be seen: {crossing.withheld}"
    if any(hop.state == "lost" for hop in crossing.raw_there):
        return "the state is unknown there even to a client that sends every cookie"
    return next(filter(None, (hop.trouble for hop in crossing.there)), "whether state survives there cannot be seen")
