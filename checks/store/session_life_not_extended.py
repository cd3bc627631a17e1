"""Does use lengthen a session, as it is configured?"""

from collections.abc import Iterator

from sessiondoctor.api import Configs, Fact, Fine, NotApplicable, Problem, Severity, Topology, Verdicts, check

DAY_S = 12 * 3600  # who works longer than this in one go notices a fixed end
RENEWS = {"SESSION_SAVE_EVERY_REQUEST", "SESSION_REFRESH_EACH_REQUEST"}


@check(severity=Severity.MEDIUM)
def session_life_not_extended(configs: Configs, topology: Topology) -> Verdicts:
    """Sessions end a fixed time after login, however much they are used.

    connect-redis with `disableTouch`; Express with a short `maxAge` and without `rolling`, where the cookie is not sent
    anew; Flask's SESSION_REFRESH_EACH_REQUEST or Django's SESSION_SAVE_EVERY_REQUEST switched off in so many words.
    """
    asked = "logged-out-after-fixed-time" in topology.symptoms
    found = list(_found(configs, asked=asked))
    said = any(one.name in RENEWS for one in configs.settings) or any(
        one.stack == "express" for one in configs.session_cookies
    )
    if not found and not said:
        raise NotApplicable("no given file says whether use lengthens a session")
    for fact, text in found:
        yield Problem(text, subject=fact.owner, where=(fact.owner,), at=fact.at)
    if not found:
        yield Fine("use lengthens a session, or it outlasts a day")


def _found(configs: Configs, *, asked: bool) -> Iterator[tuple[Fact, str]]:
    for store in configs.kept_sessions():
        if store.sliding is False and store.stack == "express":
            yield store, "disableTouch: requests do not lengthen a session in the store"
    for cookie in configs.session_cookies:
        life = cookie.cookie.life_s or 0
        if cookie.stack == "express" and 0 < life < DAY_S and not cookie.rolling:
            yield cookie, f"the cookie ends {life:g} s after it was set, and is not sent anew (no `rolling: true`)"
    for one in configs.settings:
        if one.name in RENEWS and one.value == "False" and (asked or one.name == "SESSION_REFRESH_EACH_REQUEST"):
            yield one, f"{one.name} is off: reading pages does not lengthen a session"
