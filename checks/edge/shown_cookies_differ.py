"""Is a cookie the same wherever it was seen?"""

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, ShownCookie, ShownCookies, Verdicts, check

SEVERAL = 2


@check(severity=Severity.HIGH)
def shown_cookies_differ(captures: tuple[ShownCookies, ...]) -> Verdicts:
    """The application's cookie has another path or domain at another place.

    Compared are pastes of one cookie from several places: past the proxy and through it, a test site and the real
    one. Between two places something on the way rewrites it.
    """
    seen = [one.places(name) for one in captures for name in one.names]
    compared = [places for places in seen if len(places) >= SEVERAL and next(iter(places.values())).role != "affinity"]
    if not compared:
        raise NotApplicable("no capture shows one cookie of several places")
    found = [(cookie, places) for places in compared if (cookie := _odd(places))]
    for cookie, places in found:
        yield Problem(f"{cookie.name}: {_words(cookie, places)}", at=cookie.at, detail=cookie.name)
    if not found:
        yield Fine("the cookie is the same at all places")


def _odd(places: dict[str, ShownCookie]) -> ShownCookie | None:
    first, *others = places.values()
    return next((one for one in others if (one.path, one.domain) != (first.path, first.domain)), None)


def _words(cookie: ShownCookie, places: dict[str, ShownCookie]) -> str:
    first = next(iter(places.values()))
    changed = [name for name in ("path", "domain") if getattr(first, name) != getattr(cookie, name)]
    told = (f"{name} {getattr(first, name) or 'none'} became {getattr(cookie, name) or 'none'}" for name in changed)
    return ", ".join(told)
