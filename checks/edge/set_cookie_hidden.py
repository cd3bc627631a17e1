"""Does a proxy take Set-Cookie away?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.HIGH)
def set_cookie_hidden(configs: Configs) -> Verdicts:
    """A proxy removes cookies from responses or requests.

    No session can begin on these paths, and none that the application renews there stays valid. For static files behind
    a cache it is right.
    """
    ways = [one for one in configs.proxies if one.whole]
    if not ways:
        raise NotApplicable("no given file passes requests on")
    found = [one for one in ways if _hides(one.hides, one.caches) or _blanks(one.header("cookie"))]
    for proxy in {one.at: one for one in found}.values():
        what = "Cookie is removed from requests" if _blanks(proxy.header("cookie")) else "Set-Cookie is removed"
        yield Problem(f"{what} for {proxy.path or proxy.target or 'all paths'}", subject=proxy.owner,
                      where=(proxy.owner,), at=proxy.at, detail=proxy.path)  # fmt: skip
    if not found:
        yield Fine("cookies pass both ways")


def _hides(hides: tuple[str, ...], caches: bool) -> bool:  # noqa: FBT001
    return "set-cookie" in hides and not caches


def _blanks(header: object) -> bool:
    return header is not None and not str(getattr(header, "value", "")).strip("\"' ")
