"""Does a cache keep a page of the session, whatever the application says?"""

from urllib.parse import urlsplit

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Topology, Verdicts, check

FORBIDS = "cache-control"


@check(severity=Severity.HIGH, false_alarm=0.01)
def cached_though_forbidden(configs: Configs, topology: Topology) -> Verdicts:
    """A cache keeps pages of a session whatever the application says.

    The location of a page of `site.flow` caches, and `proxy_ignore_headers Cache-Control` overrules `no-store` and
    `private`: what one client was shown, such as the view of somebody who is not logged in, is shown to all.
    """
    caching = [one for one in configs.proxies if one.caches]
    if not caching:
        raise NotApplicable("no given file has a cache")
    pages = _pages(topology)
    if not pages:
        raise NotApplicable("no page that shows a session is declared in site.flow")
    deaf = [one for one in caching if FORBIDS in one.cache_ignores and one.path in pages]
    for proxy in {one.at: one for one in deaf}.values():
        yield Problem(f"{proxy.path} is kept by a cache that does not heed Cache-Control", subject=proxy.owner,
                      where=(proxy.owner,), at=proxy.at, detail=proxy.path)  # fmt: skip
    if not deaf:
        yield Fine("no cache overrules what the application says of a page that shows a session")


def _pages(topology: Topology) -> set[str]:
    """Paths of the pages that show a session."""
    flow = topology.site.flow
    return {urlsplit(step.path).path for step in (*flow.logged_in, *flow.read) if step.method == "GET"}
