"""Caddy's administration API: the configuration as JSON (`/config/`), of version 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sessiondoctor.evidence.balancers.status import BalancerStatus, Keeping, Server
from sessiondoctor.probes.balancers.status_page import StatusPage, node_of
from sessiondoctor.probes.browser.json_page import at, entries, no_page, parse_json, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.topology.model import Balancer, Node

_BY_ADDRESS = {"ip_hash", "client_ip_hash"}
_DEEPEST = 40
_DEFAULT_POLICY = "random"
_DEFAULT_COOKIE = "lb"


def read(texts: Sequence[str], balancer: Balancer, nodes: Sequence[Node]) -> BalancerStatus:
    """The upstreams of the reverse proxy that most of the declared nodes belong to.

    Raises:
        Unavailable: the text is no such JSON, or shows no reverse proxy.
    """
    proxies = [(proxy, _servers(proxy, nodes)) for proxy in _proxies(parse_json(texts[0]))]
    if not proxies:
        raise no_page("Caddy", "its administration API, http://localhost:2019")
    proxy, servers = max(proxies, key=lambda pair: (sum(bool(server.node) for server in pair[1]), len(pair[1])))
    choice = at(proxy, "load_balancing", "selection_policy")
    policy = words(at(choice, "policy")) or _DEFAULT_POLICY
    name = (words(at(choice, "name")) or _DEFAULT_COOKIE) if policy == "cookie" else ""
    return BalancerStatus(balancer.name, balancer.kind, policy, name, servers, _keeping(policy))


def _keeping(policy: str) -> Keeping:
    if policy == "cookie":
        return "cookie"
    if policy in _BY_ADDRESS:
        return "address"
    return "none" if policy in {"random", "round_robin", "least_conn", "random_choose"} else "unknown"


def _servers(proxy: Any, nodes: Sequence[Node]) -> tuple[Server, ...]:
    dials = [words(at(upstream, "dial")) for upstream in entries(at(proxy, "upstreams"))]
    return tuple(Server("", dial, node_of(nodes, address=dial), dial, status="") for dial in dials)


def _proxies(document: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every reverse_proxy handler in a configuration."""
    if isinstance(document, dict) and document.get("handler") == "reverse_proxy":
        yield document
    inside = document.values() if isinstance(document, dict) else entries(document)
    if depth < _DEEPEST:
        for value in inside:
            yield from _proxies(value, depth + 1)


def _config(url: str) -> tuple[str, ...]:
    return (urlsplit(url)._replace(path="/config/", query="", fragment="").geturl(),)


PAGE = StatusPage(urls=_config, read=read)
