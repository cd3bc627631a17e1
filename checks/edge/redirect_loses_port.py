"""Do redirects keep the scheme and port that the browser used?"""

from urllib.parse import SplitResult, urlsplit

from sessiondoctor.api import Fine, NotApplicable, Problem, Severity, Topology, Verdicts, Visits, check

USUAL = {"http": 80, "https": 443}


@check(severity=Severity.HIGH)
def redirect_loses_port(visits: Visits, topology: Topology) -> Verdicts:
    """A redirect leads to another port or scheme of the site's host.

    The application builds absolute URLs from what the proxy tells it, and the proxy leaves out the port or the scheme.
    A redirect to https at the usual port is what many sites do first, and is none of this.
    """
    if not visits.redirected_to:
        raise NotApplicable("nothing was redirected to an absolute URL of another origin")
    known = [urlsplit(url) for url in (topology.site.url, *topology.site.urls, visits.url)]
    hosts, places = {url.hostname for url in known}, {_place(url) for url in known}
    for target in map(urlsplit, visits.redirected_to):
        if target.hostname not in hosts or _place(target) in places or _place(target) == ("https", USUAL["https"]):
            continue
        used = known[0]
        text = (
            f"from {used.scheme} at port {_place(used)[1]} a redirect leads to {target.scheme} at {_place(target)[1]}"
        )
        yield Problem(text)
        return
    yield Fine("redirects keep scheme and port")


def _place(url: SplitResult) -> tuple[str, int]:
    return url.scheme, url.port or USUAL.get(url.scheme, 0)
