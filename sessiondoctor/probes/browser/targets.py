"""Where requests go and what is said to whom: certificates, the version of HTTP, the headers of one origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.probes.browser.target import Target
from sessiondoctor.wire.address import Origin, split_url
from sessiondoctor.wire.trust import Trust

if TYPE_CHECKING:
    from sessiondoctor.topology.model import Node, Site, Topology
    from sessiondoctor.wire.message import Headers

REDIRECTED = 2  # each request of a flow may be redirected once; budgets bound them all together


def site_trust(site: Site) -> Trust:
    """What the topology says of the site."""
    return Trust(site.ca, not site.insecure, site.client_cert, site.client_key, site.http or "")


def headers_for(node: Node, url: str) -> Headers:
    """The headers of a node for one of its URLs; none where that is another origin, which would learn its secrets."""
    at_home = bool(node.url) and split_url(node.url).origin == split_url(url).origin
    return tuple(node.headers.items()) if at_home else ()


def entry(topology: Topology) -> Target:
    """The public entry as a target.

    Its counterpart, http or https at the usual port, and `urls` on its host belong to it: redirects there are followed.
    """
    site = topology.site
    origin = split_url(site.url).origin
    others = (split_url(url).origin for url in site.urls)
    entry_points = {*_counterpart(origin), *(other.authority for other in others if other.host == origin.host)}
    return Target(
        site.url,
        tuple(site.headers.items()),
        site_trust(site),
        entry_points=frozenset(entry_points),
        origin=str(origin),
    )


def _counterpart(origin: Origin) -> tuple[str, ...]:
    usual = {("http", 80): 443, ("https", 443): 80}.get((origin.scheme, origin.port))
    return (Origin(origin.scheme, origin.host, usual).authority,) if usual else ()
