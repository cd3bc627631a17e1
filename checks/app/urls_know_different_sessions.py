"""Is a session known at every URL of the site?"""

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
def urls_know_different_sessions(doors: Doors) -> Verdicts:
    """Another URL of the site does not know the session, although its cookie is sent there.

    Looks at a session through each declared URL and through http instead of https or the reverse. Another application,
    or another pool of nodes, is behind that URL. Less sure where it only hands out a session cookie of another name.
    """
    crossings = [one for one in doors.of("url", "scheme") if not (one.trouble and one.door.kind == "scheme")]
    if not crossings:
        raise NotApplicable("the site has one URL", hint="declare site.urls")
    if doors.home_lost:
        raise Inconclusive("a client that keeps to one URL loses its state as well")
    for crossing in crossings:
        yield _verdict(crossing)


def _verdict(crossing: Crossing) -> Problem | Fine | Unknown:
    name, seen = crossing.door.name, {"strip": Walk(crossing.hops).strip()}
    told = crossing.raw_there if crossing.withheld else crossing.there
    states = {hop.state for hop in told}
    if "lost" in states or ("kept" not in states and any(hop.renewed for hop in told)):
        text = f"{name} does not know the session, although its cookie is sent there"
        return Problem(text, subject=name, where=(name,), seen=seen)
    if "kept" in states:
        return Fine("the session is known there", subject=name, seen=seen)
    if crossing.leads_to and not crossing.there:
        return Fine(f"it redirects to {crossing.leads_to}", subject=name)
    if own := _own_cookies(crossing):
        text = f"{name} hands out a session cookie of its own, {', '.join(own)}"
        return Problem(text, subject=name, where=(name,), confidence=Confidence.TENTATIVE)
    return Unknown(_why(crossing), subject=name, seen=seen)


def _own_cookies(crossing: Crossing) -> list[str]:
    """Session cookies that are not called like any that the home door sets."""
    return [
        name for name in crossing.session_cookies if crossing.made.set_cookies and name not in crossing.made.set_cookies
    ]


def _why(crossing: Crossing) -> str:
    if crossing.withheld:
        return f"a browser does not send the session cookie there: {crossing.withheld}"
    troubles = (crossing.trouble, *(hop.trouble for hop in crossing.there))
    return next(filter(None, troubles), "whether state survives there cannot be seen: declare site.flow")
