"""The ways into a site: its home entry point, and every other that is declared or that its name leads to."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Literal

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.entry.entry_points import EntryPoint, EntryPointKind
from sessiondoctor.probes.browser.target import Target
from sessiondoctor.probes.browser.targets import entry
from sessiondoctor.probes.network.names import resolve
from sessiondoctor.wire.address import Origin, host_name, is_ip, split_url
from sessiondoctor.wire.peers import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.context import Context
    from sessiondoctor.topology.model import Balancer, Topology
    from sessiondoctor.wire.message import Headers

MOST_ADDRESSES = 8
"""Of one name; a family never crowds the other out."""

_LOOKUP_S = 5.0
_USUAL = {("http", 80): ("https", 443), ("https", 443): ("http", 80)}
_FOR_ONE_ORIGIN = {"authorization", "cookie"}


@dataclass(frozen=True, slots=True)
class EntryTarget:
    """One entry point and how to go through it.

    Attributes:
        exposed: plain HTTP that nobody declared, of a site with TLS: it is only shown what a browser would send there.
    """

    entry_point: EntryPoint
    target: Target
    exposed: bool = False

    @property
    def contacts(self) -> frozenset[str]:
        """host:port of all that its requests may reach."""
        return frozenset({self.target.authority, *self.target.entry_points})


def ways_of(topology: Topology, home: Target, others: Sequence[str]) -> tuple[EntryTarget, ...]:
    """Every way in but `home`; `others` are further addresses of its host."""
    return (*_urls(topology, home), *_addresses(home, others), *_balancers(topology, home), *_sources(topology, home))


def other_addresses(found: Sequence[str], home: str) -> tuple[str, ...]:
    """The addresses but that of the home entry point, both families by turns."""
    others = [address for address in dict.fromkeys(found) if address != home]
    families = ([address for address in others if family_of(address) == family] for family in ("ipv4", "ipv6"))
    mixed = chain.from_iterable(zip_longest(*families))
    return tuple(filter(None, mixed))[: MOST_ADDRESSES - 1]


def family_of(address: str) -> Literal["ipv4", "ipv6"]:
    """The family of an IP address."""
    return "ipv6" if ":" in address else "ipv4"


def known_addresses(topology: Topology) -> tuple[str, ...] | None:
    """The addresses of the site's host, where the topology says them; None where they must be looked up."""
    host = split_url(topology.site.url).origin.host
    if is_ip(host):
        return (host,)
    return {host_name(name): given for name, given in topology.site.resolve.items()}.get(host)


async def look_up(context: Context) -> tuple[str, ...]:
    """The addresses of the site's host: as declared, else from the declared resolvers, else from the system.

    None of them where the name cannot be looked up: whether the site can be reached shows soon enough.
    """
    topology = context.topology
    known = known_addresses(topology)
    if known is not None:
        return known
    origin = split_url(topology.site.url).origin
    if topology.dns.resolvers:
        answers = (await resolve(origin.host, context)).answers
        return tuple(dict.fromkeys(address for one in answers for address in (*one.ipv4, *one.ipv6)))
    try:
        async with asyncio.timeout(_LOOKUP_S):
            return await addresses(origin.host, origin.port, origin.host)
    except (Unavailable, TimeoutError):
        return ()


def shown(url: str) -> str:
    """A declared URL without its query."""
    target = split_url(url)
    return f"{target.origin}{target.path.partition('?')[0]}"


def _urls(topology: Topology, home: Target) -> Iterator[EntryTarget]:
    """The declared URLs, the site's own first in case it led elsewhere, and the undeclared counterpart."""
    declared = (topology.site.url, *topology.site.urls)
    counterpart = _counterpart(topology.site.url)
    seen = {split_url(home.url).url}
    for url in (*declared, *counterpart):
        normal = split_url(url).url
        if normal not in seen:
            seen.add(normal)
            yield _url(topology, home, normal, declared=url in declared)


def _url(topology: Topology, home: Target, url: str, *, declared: bool) -> EntryTarget:
    here, there = split_url(home.url), split_url(url)
    is_counterpart = (here.origin.host, here.path) == (there.origin.host, there.path)
    kind: EntryPointKind = "scheme" if is_counterpart and here.origin.scheme != there.origin.scheme else "url"
    same_host = here.origin.host == there.origin.host
    exposed = not declared and there.origin.scheme == "http"
    site = entry(topology)
    target = Target(
        url,
        _public(site.headers) if exposed else site.headers,
        site.trust,
        entry_points=frozenset({site.authority, *site.entry_points}) if same_host else frozenset(),
        origin=str(there.origin),
        address=home.address if same_host else "",
    )
    return EntryTarget(EntryPoint(kind, shown(url)), target, exposed)


def _public(headers: Headers) -> Headers:
    return tuple((name, value) for name, value in headers if name.lower() not in _FOR_ONE_ORIGIN)


def _counterpart(url: str) -> tuple[str, ...]:
    """The same URL as http instead of https, or the reverse; only for the usual ports."""
    target = split_url(url)
    usual = _USUAL.get((target.origin.scheme, target.origin.port))
    return (f"{Origin(usual[0], target.origin.host, usual[1])}{target.path}",) if usual else ()


def _addresses(home: Target, others: Sequence[str]) -> Iterator[EntryTarget]:
    for address in others:
        yield EntryTarget(EntryPoint("address", address, family_of(address)), replace(home, address=address))


def _balancers(topology: Topology, home: Target) -> Iterator[EntryTarget]:
    """Those with a URL that is not where the home entry point leads."""
    here = split_url(home.url).origin
    for balancer in topology.load_balancers:
        if not balancer.url:
            continue
        there = split_url(balancer.url).origin
        if there.port != here.port or there.host not in {here.host, home.address}:
            yield EntryTarget(EntryPoint("balancer", balancer.name), _balancer(balancer, home))


def _balancer(balancer: Balancer, home: Target) -> Target:
    """It is told the name and scheme that users see, as whatever stands in front of it would."""
    here, there = split_url(home.url).origin, split_url(balancer.url).origin
    told = {name.lower() for name, _ in home.headers}
    proxy = [("Host", here.host_header)]
    if here.scheme != there.scheme:
        proxy.append(("X-Forwarded-Proto", here.scheme))
    headers = (*home.headers, *(pair for pair in proxy if pair[0].lower() not in told))
    return Target(balancer.url, headers, home.trust, origin=home.origin, public=str(here))


def _sources(topology: Topology, home: Target) -> Iterator[EntryTarget]:
    """The declared local addresses but the one that the system would choose anyway."""
    usual = _usual_source(home.address) if topology.site.sources and home.address else ""
    for source in dict.fromkeys(topology.site.sources):
        if source != usual:
            yield EntryTarget(EntryPoint("source", source), replace(home, source=source))


def _usual_source(address: str) -> str:
    """The local address of connections to an address; connecting a datagram socket sends nothing."""
    family = socket.AF_INET6 if family_of(address) == "ipv6" else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return ""
