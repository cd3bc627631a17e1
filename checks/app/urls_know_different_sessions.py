"""Is a session known at every URL of the site?"""

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
def urls_know_different_sessions(entry_points: EntryPoints) -> Verdicts:
    """Another URL of the site does not know the session.

    Looks at a session through each declared URL and through http instead of https or the reverse. Another application,
    or another pool of nodes, is behind that URL. Less sure where it only hands out a session cookie of another name.
    """
    entry_tests = [
        one for one in entry_points.of("url", "scheme") if not (one.trouble and one.entry_point.kind == "scheme")
    ]
    if not entry_tests:
        raise NotApplicable("the site has one URL", hint="declare site.urls")
    if entry_points.home_lost:
        raise Inconclusive("a client that keeps to one URL loses its state as well")
    for entry_test in entry_tests:
        yield _verdict(entry_test)


def _verdict(entry_test: EntryPointTest) -> Problem | Fine | Unknown:
    name, seen = entry_test.entry_point.name, {"client": entry_test.client}
    told = entry_test.raw_there if entry_test.withheld else entry_test.there
    states = {exchange.state for exchange in told}
    if "lost" in states or ("kept" not in states and any(exchange.renewed for exchange in told)):
        text = f"{name} does not know the session, although its cookie is sent there"
        return Problem(text, subject=name, where=(name,), seen=seen)
    if "kept" in states:
        return Fine("the session is known there", subject=name, seen=seen)
    if entry_test.leads_to and not entry_test.there:
        return Fine(f"it redirects to {entry_test.leads_to}", subject=name)
    if own := _own_cookies(entry_test):
        text = f"{name} hands out a session cookie of its own, {', '.join(own)}"
        return Problem(text, subject=name, where=(name,), confidence=Confidence.TENTATIVE)
    return Unknown(_why(entry_test), subject=name, seen=seen)


def _own_cookies(entry_test: EntryPointTest) -> list[str]:
    """Session cookies that are not called like any that the home entry point sets."""
    return [
        name
        for name in entry_test.session_cookies
        if entry_test.made.set_cookies and name not in entry_test.made.set_cookies
    ]


def _why(entry_test: EntryPointTest) -> str:
    if entry_test.withheld:
        return f"a browser does not send the session cookie there: {entry_test.withheld}"
    troubles = (entry_test.trouble, *(exchange.trouble for exchange in entry_test.there))
    return next(filter(None, troubles), "whether state survives there cannot be seen: declare site.flow")
