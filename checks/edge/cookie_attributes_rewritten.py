"""Does the session cookie pass the proxies unchanged?"""

from sessiondoctor.api import (
    Cookie,
    Fine,
    Inconclusive,
    NotApplicable,
    Problem,
    Replay,
    Severity,
    Verdicts,
    Visits,
    check,
)

SERVER_ERROR = 500
ATTRIBUTES = ("path", "domain", "same_site")  # adding Secure or HttpOnly on the way is harmless


@check(severity=Severity.MEDIUM)
def cookie_attributes_rewritten(visits: Visits, replay: Replay) -> Verdicts:
    """A proxy changes the attributes of the session cookie.

    Compares the cookie set through the site with the one each node sets when asked directly.
    """
    if replay.way == "steered":
        raise NotApplicable("no node was asked past the proxies", hint="add nodes with url")
    own = [visit.session_cookie for visit in replay.visits if visit.session_cookie]
    if not own:
        raise Inconclusive("no node sets a session cookie when asked directly")
    cookie = visits.session_cookie
    if cookie is None and not _answers(visits):
        raise Inconclusive("the site answered with nothing but errors")
    if cookie is None:
        yield Problem(f"the nodes set {own[0].name}, and the site does not pass it on")
        return
    same_name = [one for one in own if one.name == cookie.name]
    changed = [name for name in ATTRIBUTES if same_name and all(_differs(cookie, one, name) for one in same_name)]
    if changed:
        words = ", ".join(f"{name} {_value(same_name[0], name)} became {_value(cookie, name)}" for name in changed)
        yield Problem(f"a proxy changes {cookie.name}: {words}")
    else:
        yield Fine("the session cookie arrives as the nodes set it")


def _answers(visits: Visits) -> bool:
    """Whether the site answered any request that may have made a session."""
    return any(0 < exchange.status < SERVER_ERROR for trace in visits.returning for exchange in trace.exchanges)


def _differs(seen: Cookie, own: Cookie, name: str) -> bool:
    return bool(getattr(seen, name) != getattr(own, name))


def _value(cookie: Cookie, name: str) -> str:
    return repr(getattr(cookie, name) or "none")
