"""What is said to whom: certificates and the version of HTTP, and the headers that belong to one origin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.trust import Trust

if TYPE_CHECKING:
    from sessiondoctor.topology.model import Node, Site
    from sessiondoctor.wire.message import Headers


def site_trust(site: Site) -> Trust:
    """What the topology says of the site."""
    return Trust(site.ca, not site.insecure, site.client_cert, site.client_key, site.http or "")


def headers_for(node: Node, url: str) -> Headers:
    """The headers of a node for one of its URLs; none where that is another origin, which would learn its secrets."""
    at_home = bool(node.url) and split_url(node.url).origin == split_url(url).origin
    return tuple(node.headers.items()) if at_home else ()
