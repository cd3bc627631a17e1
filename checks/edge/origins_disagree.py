"""Does a browser take its session along to the site's other URLs?"""

from sessiondoctor.api import (
    Confidence,
    EntryPoints,
    EntryPointTest,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Severity,
    Unknown,
    Verdicts,
    check,
)


@check(severity=Severity.HIGH, role="loss")
def origins_disagree(entry_points: EntryPoints) -> Verdicts:
    """The session cookie is not sent to another URL of the site.

    Looks at a session through each declared URL and through http instead of https or the reverse. Where a client that
    sends every cookie sees its state, the cookie's attributes are to blame. A URL that redirects is fine.
    """
    entry_tests = [
        one for one in entry_points.of("url", "scheme") if not (one.trouble and one.entry_point.kind == "scheme")
    ]
    if not entry_tests:
        raise NotApplicable("the site has one URL", hint="declare site.urls")
    if entry_points.home_lost:
        raise Inconclusive("a client that keeps to one URL loses its state as well")
    for entry_test in entry_tests:
        yield _verdict(entry_test, flow=entry_points.flow)


def _verdict(entry_test: EntryPointTest, *, flow: bool) -> Problem | Fine | Unknown:
    name = entry_test.entry_point.name
    if entry_test.trouble:
        return Unknown(entry_test.trouble, subject=name)
    if entry_test.leads_to and (entry_test.kept or not entry_test.there):
        return Fine(f"it redirects to {entry_test.leads_to}", subject=name)
    if not entry_test.withheld:
        return Fine("a browser sends its session cookie there, too", subject=name)
    confidence = _confidence(entry_test, flow=flow)
    if confidence is None:
        return Unknown(_why(entry_test, flow=flow), subject=name)
    return Problem(
        f"a browser does not send the session cookie to {name}: {entry_test.withheld}",
        subject=name,
        where=(name,),
        seen={"client": entry_test.client},
        confidence=confidence,
    )


def _confidence(entry_test: EntryPointTest, *, flow: bool) -> Confidence | None:
    """How sure it is that the cookie is missed; None if that cannot be told."""
    raw = {exchange.state for exchange in entry_test.raw_there}
    if entry_test.lost and "kept" in raw:
        return Confidence.FIRM
    if entry_test.lost and not raw:
        return Confidence.TENTATIVE
    return Confidence.TENTATIVE if not flow and entry_test.session_cookies else None


def _why(entry_test: EntryPointTest, *, flow: bool) -> str:
    if not flow:
        return f"the session cookie is not sent there; whether it is missed cannot be seen: {entry_test.withheld}"
    if any(exchange.state == "lost" for exchange in entry_test.raw_there):
        return "the state is unknown there even to a client that sends every cookie"
    return next(
        filter(None, (exchange.trouble for exchange in entry_test.there)), "whether state survives there cannot be seen"
    )
