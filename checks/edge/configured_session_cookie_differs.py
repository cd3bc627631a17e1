"""Does the session cookie arrive as the application is told to set it?"""

from collections.abc import Iterator

from sessiondoctor.api import (
    Configs,
    Cookie,
    Fine,
    NotApplicable,
    Problem,
    SessionCookie,
    Severity,
    Verdicts,
    Visits,
    check,
)  # fmt: skip


@check(severity=Severity.MEDIUM, false_alarm=0.02)
def configured_session_cookie_differs(configs: Configs, visits: Visits) -> Verdicts:
    """The session cookie arrives otherwise than the application is configured.

    Under another name, or with other attributes: a proxy changes it, or the file is not the one that is running. Path
    and Domain are not compared where a given balancer rewrites them on purpose.
    """
    cookie = visits.session_cookie
    told = [one for one in configs.session_cookies if one.cookie.name or _states(one)]
    if cookie is None or not told:
        raise NotApplicable("a session cookie and the application's setting for it are not both there")
    named = [one for one in told if one.cookie.name in {"", cookie.name}]
    if not named:
        one = told[0]
        text = f"the application's cookie is configured as {one.cookie.name}, and the site sets {cookie.name}"
        yield Problem(text, subject=one.owner, where=_where(one), at=one.at, detail="name")
        return
    rewritten = any(proxy.cookie_paths or proxy.cookie_domains for proxy in configs.proxies)
    for one in named:
        odd = list(_differences(one, cookie, tls=visits.tls, rewritten=rewritten))
        if odd:
            yield Problem(f"{cookie.name} arrives {', '.join(odd)}, which is not as configured", subject=one.owner,
                          where=_where(one), at=one.at, detail="attributes")  # fmt: skip
        else:
            yield Fine(f"{cookie.name} arrives as configured", subject=one.owner)


def _states(one: SessionCookie) -> bool:
    rule = one.cookie
    return bool(rule.secure or rule.same_site or rule.path or rule.domain)


def _where(one: SessionCookie) -> tuple[str, ...]:
    return () if one.owner == "site" else (one.owner,)


def _differences(one: SessionCookie, cookie: Cookie, *, tls: bool, rewritten: bool) -> Iterator[str]:
    rule = one.cookie
    if rule.secure and tls and not cookie.secure:
        yield "without Secure"
    if rule.same_site and rule.same_site.lower() != cookie.same_site.lower():
        yield f"with SameSite={cookie.same_site or 'not set'}"
    if rule.path and not rewritten and rule.path != cookie.path:
        yield f"with Path={cookie.path}"
    if rule.domain and not rewritten and rule.domain.lower().lstrip(".") != cookie.domain.lower().lstrip("."):
        yield f"with Domain={cookie.domain or 'not set'}"
