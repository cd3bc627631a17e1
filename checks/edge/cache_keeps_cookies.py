"""Does a cache keep responses that set cookies?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check


@check(severity=Severity.CRITICAL)
def cache_keeps_cookies(configs: Configs) -> Verdicts:
    """A cache keeps responses although they set cookies.

    Whoever comes next is given the session of the first. nginx does not cache such responses, unless
    `proxy_ignore_headers Set-Cookie` says so; then `proxy_hide_header Set-Cookie` must take the cookie away.
    """
    caching = [one for one in configs.proxies if one.caches]
    if not caching:
        raise NotApplicable("no given file has a cache")
    loose = [one for one in caching if "set-cookie" in one.cache_ignores and "set-cookie" not in one.hides]
    for proxy in {one.at: one for one in loose}.values():
        yield Problem(f"responses for {proxy.path or 'all paths'} are cached although they set cookies",
                      subject=proxy.owner, where=(proxy.owner,), at=proxy.at, detail=proxy.path)  # fmt: skip
    if not loose:
        yield Fine("responses that set cookies are not cached")
