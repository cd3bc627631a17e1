"""Is SameSite=None accompanied by Secure?"""

from collections.abc import Iterator

from sessiondoctor.api import (
    Configs,
    Fine,
    NotApplicable,
    Problem,
    SessionCookie,
    Severity,
    Verdicts,
    Visits,
    check,
)  # fmt: skip

INSECURE_UNLESS_SAID = {"express"}  # one object holds both


@check(severity=Severity.HIGH, role="loss")
def samesite_none_insecure(visits: Visits | None, configs: Configs | None) -> Verdicts:
    """The session cookie says SameSite=None without Secure.

    Browsers reject such a cookie without a word, and every request starts a new session. Seen in responses, and in the
    application's configuration.
    """
    found = [*_seen(visits), *_configured(configs or Configs())]
    if not found:
        raise NotApplicable("no session cookie was set")
    yield from found


def _seen(visits: Visits | None) -> Iterator[Problem | Fine]:
    cookie = visits.session_cookie if visits else None
    if cookie and cookie.same_site == "none" and not cookie.secure:
        yield Problem(f"{cookie.name} has SameSite=None and no Secure: browsers reject it")
    elif cookie:
        yield Fine(f"{cookie.name} has SameSite={cookie.same_site or 'unset'}")


def _configured(configs: Configs) -> Iterator[Problem | Fine]:
    for one in configs.session_cookies:
        if one.cookie.same_site == "none" and _insecure(one):
            yield Problem("the session cookie is configured with SameSite=None and without Secure: browsers reject it",
                          subject=one.owner, where=(one.owner,), at=one.at)  # fmt: skip
        elif one.cookie.same_site:
            yield Fine(f"the session cookie is configured with SameSite={one.cookie.same_site}", subject=one.owner)


def _insecure(one: SessionCookie) -> bool:
    return one.cookie.secure is False or (one.cookie.secure is None and one.stack in INSECURE_UNLESS_SAID)
