"""Do redirects stay on the site?"""

from urllib.parse import urlsplit

from sessiondoctor.api import Fine, Problem, Severity, Topology, Verdicts, Visits, check


@check(severity=Severity.HIGH)
def redirect_leaves_site(visits: Visits, topology: Topology) -> Verdicts:
    """A redirect leads to another host or back to plain HTTP.

    The application may see the proxy's name for it instead of the public one, or does not know that the browser uses
    https. A session made on one host is unknown to the other.
    """
    public = [urlsplit(url) for url in (topology.site.url, *topology.site.urls)]
    seen = [urlsplit(visits.url)] if visits.captured else []  # a capture comes without a declared site
    hosts = {_bare(url.hostname or "") for url in (*public, *seen)}
    for target in visits.redirected_to:
        url = urlsplit(target)
        if _bare(url.hostname or "") not in hosts:
            yield Problem(f"a redirect leads to {url.hostname}, which is not one of the site's hosts")
            return
        if url.scheme == "http" and public[0].scheme == "https":
            yield Problem("a redirect leads from https back to plain HTTP")
            return
    yield Fine("redirects stay on the site")


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")
