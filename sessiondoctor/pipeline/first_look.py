"""Where a URL of the command line leads: from http to https, from the bare domain to www, as a browser follows it.

What is scanned is where users end up. A redirect to somebody else, such as an identity provider, is not followed: that
is for the probes to see.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sessiondoctor.errors import Unavailable
from sessiondoctor.formats.site import registrable_domain
from sessiondoctor.probes.browser.targets import site_trust
from sessiondoctor.wire.address import Origin, split_url
from sessiondoctor.wire.message import Request
from sessiondoctor.wire.redirect import redirected_to

if TYPE_CHECKING:
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.wire.client import Wire
    from sessiondoctor.wire.message import Headers, Response

FIRST_LOOKS: Final = 6
"""The most requests that it takes: the first, and one for each redirect."""

_PERMANENT: Final = frozenset({301, 308})
_SECRET: Final = frozenset({"authorization", "cookie"})


async def first_look(topology: Topology, wire: Wire) -> Topology:
    """The topology with the URL that a bare URL of the command line leads to; a file's is meant as it is written."""
    if topology.file or not topology.site.url:
        return topology
    url, headers = topology.site.url, tuple(topology.site.headers.items())
    moved = url
    for _ in range(FIRST_LOOKS):
        response = await _answer(Request(url, headers=headers), topology, wire)
        onward = redirected_to(response) if response else ""
        if not response or not onward:
            break
        here, there = split_url(url).origin, split_url(onward).origin
        if not _leads_home(here, there, response.status):
            break
        url, headers = onward, _kept(headers, here, there)
        moved = onward if here != there else moved
    return _moved(topology, moved, headers)


async def _answer(request: Request, topology: Topology, wire: Wire) -> Response | None:
    """The response; None where there is none: the probes say why."""
    try:
        return await wire.send(request, trust=site_trust(topology.site))
    except Unavailable:
        return None


def _leads_home(here: Origin, there: Origin, status: int) -> bool:
    """Whether it is the same site: the same host but for www, or for good another host of the same owner."""
    if _bare(here.host) == _bare(there.host):
        return True
    return status in _PERMANENT and registrable_domain(here.host) == registrable_domain(there.host) != ""


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def _kept(headers: Headers, here: Origin, there: Origin) -> Headers:
    """What is for the host alone goes to no other, and nothing secret leaves TLS."""
    if _bare(here.host) != _bare(there.host):
        return ()
    downgraded = here.scheme == "https" and there.scheme == "http"
    return tuple(pair for pair in headers if not (downgraded and pair[0].lower() in _SECRET))


def _moved(topology: Topology, url: str, headers: Headers) -> Topology:
    asked = topology.site.url
    if split_url(url).origin == split_url(asked).origin:
        return topology
    site = replace(topology.site, url=_without_state(url, asked), headers=dict(headers))
    return replace(topology, site=site, asked_url=asked)


def _without_state(url: str, asked: str) -> str:
    """The URL for all clients: what this answer alone put in, such as ;jsessionid, would make them one."""
    path, _, query = url.partition("?")
    kept = f"?{query}" if query and query == asked.partition("#")[0].partition("?")[2] else ""
    return re.sub(r";[^/]*", "", path) + kept
