"""Which hosts and files a topology names: what a scan of it may contact and read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.topology.model import Topology

_LOCAL = re.compile(r"(?:unix|file|sqlite(?:\+\w+)?):(?://)?(.*)", re.IGNORECASE)


def hosts_in(topology: Topology) -> frozenset[str]:
    """The hosts and addresses that are asked, but for those of stores; lower case, without ports."""
    urls = (_host(url) for url in _urls(topology))
    servers = (_bare(server) for server in _servers(topology))
    return frozenset(host.lower() for host in (*urls, *servers) if host)


def files_in(topology: Topology) -> frozenset[str]:
    """The files, folders and Unix sockets that are read."""
    site = topology.site
    found = [site.ca, site.client_cert, site.client_key, *site.config]
    for balancer in topology.load_balancers:
        found += [*balancer.config, *balancer.logs, _path(balancer.stats.reveal()), _path(balancer.runtime)]
    for node in topology.nodes:
        found += [node.ca, node.key_ring, *node.config, *node.logs, _path(node.store_url.reveal())]
    for store in topology.stores:
        found += [*store.config, *(_path(url.reveal()) for url in (*store.url, *store.replicas))]
    return frozenset(filter(None, found))


def _urls(topology: Topology) -> Iterator[str]:
    site = topology.site
    yield from (site.url, *site.urls, site.proxy.reveal())
    for balancer in topology.load_balancers:
        yield from (balancer.url, balancer.stats.reveal(), balancer.runtime)
    for node in topology.nodes:
        yield from (node.url, node.jwks, node.management.url.reveal() if node.management else "")


def _servers(topology: Topology) -> Iterator[str]:
    """Where no scheme stands before the host."""
    for addresses in topology.site.resolve.values():
        yield from addresses
    yield from topology.dns.resolvers
    yield from topology.time.servers
    yield from (node.ntp for node in topology.nodes)


def _host(url: str) -> str:
    return "" if _LOCAL.fullmatch(url) else urlsplit(url).hostname or ""


def _bare(server: str) -> str:
    """The host of `host`, `host:port`, `address`, `[address]:port`."""
    return server if server.count(":") > 1 and "[" not in server else urlsplit(f"//{server}").hostname or ""


def _path(url: str) -> str:
    found = _LOCAL.fullmatch(url)
    return re.sub("^/+", "/", unquote(found[1].partition("?")[0])) if found else ""
