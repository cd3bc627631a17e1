"""Does a browser carry the cookies of logins that were never finished?"""

import re

from sessiondoctor.api import Fine, NotApplicable, Problem, SentCookies, Severity, ShownCookies, Verdicts, check

SEVERAL = 2
TOO_LARGE = {400, 413, 431, 494}
OF_LOGINS = re.compile(r"(?i)nonce|state|csrf|pkce|verifier|correlation|oauth|oidc|login|saml")
LAST = re.compile(r"[-_.][^-_.]{1,200}$")  # what is behind the last separator


@check(severity=Severity.MEDIUM)
def login_cookies_left(captures: tuple[ShownCookies, ...]) -> Verdicts:
    """Requests carry the state of several logins under different names.

    Nonce, state and verifier of a login that was not finished stay in the browser. They are sent with each request,
    until it is larger than a proxy accepts.
    """
    sent = [one for captured in captures for one in captured.sent]
    if not sent:
        raise NotApplicable("no capture shows the cookies of a request")
    worst = max(sent, key=lambda one: len(_left(one)))
    left = _left(worst)
    if not left:
        yield Fine("no request carries the state of several logins")
        return
    refused = " and is refused" if worst.status in TOO_LARGE else ""
    seen = {"cookies": len(worst.names), "bytes": worst.size}
    yield Problem(f"a request carries several of {', '.join(left)}{refused}", at=worst.at, seen=seen)


def _left(sent: SentCookies) -> list[str]:
    """What several names of cookies of logins have in common."""
    stems = [LAST.sub("", name) for name in sent.names if OF_LOGINS.search(name) and LAST.search(name)]
    return sorted({stem for stem in stems if stems.count(stem) >= SEVERAL})
