"""Traefik's API: the services and what they stick by (`/api/http/services`), seen with 3.7."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sessiondoctor.errors import UsageError
from sessiondoctor.evidence.balancers.status import BalancerStatus, Keeping, Server
from sessiondoctor.probes.balancers.status_page import StatusPage, node_of
from sessiondoctor.probes.browser.json_page import at, entries, no_page, parse_json, words
from sessiondoctor.wire.address import split_url

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.topology.model import Balancer, Node

_PATH = "/api/http/services"
_BY_ADDRESS = {"hrw"}  # strategies that choose by the client's address


def read(texts: Sequence[str], balancer: Balancer, nodes: Sequence[Node]) -> BalancerStatus:
    """The servers of the service that most of the declared nodes belong to.

    Raises:
        Unavailable: the text is no such JSON, or shows no service with servers.
    """
    services = [entry for entry in entries(parse_json(texts[0])) if entries(at(entry, "loadBalancer", "servers"))]
    pools = [(service, _servers(service, nodes)) for service in services]
    if not pools:
        raise no_page("Traefik", "its API, http://host:8080/api")
    service, servers = max(pools, key=lambda pair: (sum(bool(server.node) for server in pair[1]), len(pair[1])))
    strategy = words(at(service, "loadBalancer", "strategy"))
    return BalancerStatus(
        balancer=balancer.name,
        kind=balancer.kind,
        algorithm=strategy,
        affinity_cookie=words(at(service, "loadBalancer", "sticky", "cookie", "name")),
        servers=servers,
        keeping=_keeping(service, strategy),
    )


def _keeping(service: Any, strategy: str) -> Keeping:
    if isinstance(at(service, "loadBalancer", "sticky", "cookie"), dict):
        return "cookie"
    return "address" if strategy in _BY_ADDRESS else "none"


def _servers(service: Any, nodes: Sequence[Node]) -> tuple[Server, ...]:
    states = at(service, "serverStatus")
    urls = [words(at(server, "url")) for server in entries(at(service, "loadBalancer", "servers"))]
    return tuple(_server(words(at(service, "name")), url, words(at(states, url)), nodes) for url in urls)


def _server(pool: str, url: str, state: str, nodes: Sequence[Node]) -> Server:
    address = _authority(url)
    return Server(pool=pool, name=url, node=node_of(nodes, address=address), address=address, status=state)


def _authority(url: str) -> str:
    try:
        return split_url(url).origin.authority
    except UsageError:
        return ""


def _services(url: str) -> tuple[str, ...]:
    parts = urlsplit(url)
    path = parts.path.rstrip("/").removesuffix(_PATH).removesuffix("/api").removesuffix("/dashboard")
    return (parts._replace(path=f"{path}{_PATH}", query="").geturl(),)


PAGE = StatusPage(urls=_services, read=read)
