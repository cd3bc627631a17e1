"""Envoy's administration interface: `/clusters?format=json` and `/config_dump` (v3 API), seen with 1.40."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sessiondoctor.evidence.balancers.status import BalancerStatus, Keeping, Server
from sessiondoctor.probes.balancers.status_page import StatusPage, node_of
from sessiondoctor.probes.browser.json_page import at, entries, no_page, parse_json, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.topology.model import Balancer, Node

_STATEFUL = "envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState"
_HASHING = {"RING_HASH", "MAGLEV"}
_DEEPEST = 40


def read(texts: Sequence[str], balancer: Balancer, nodes: Sequence[Node]) -> BalancerStatus:
    """The hosts of the cluster that most of the declared nodes belong to.

    Raises:
        Unavailable: the first text is no such JSON, or shows no cluster with hosts.
    """
    clusters = entries(at(parse_json(texts[0]), "cluster_statuses"))
    pools = [(cluster, _servers(cluster, nodes)) for cluster in clusters]
    pools = [(cluster, servers) for cluster, servers in pools if servers]
    if not pools:
        raise no_page("Envoy", "its administration interface, http://host:9901")
    cluster, servers = max(pools, key=lambda pair: (sum(bool(server.node) for server in pair[1]), len(pair[1])))
    objects = list(_objects(parse_json(texts[1])))
    policy = _policy(objects, words(at(cluster, "name")))
    keeping, name = _keeping(objects, policy)
    return BalancerStatus(balancer.name, balancer.kind, policy.lower(), name, servers, keeping)


def _policy(objects: Sequence[dict[str, Any]], cluster: str) -> str:
    named = (entry for entry in objects if entry.get("name") == cluster and "load_assignment" in entry)
    return next((words(entry.get("lb_policy")) or "ROUND_ROBIN" for entry in named), "")


def _keeping(objects: Sequence[dict[str, Any]], policy: str) -> tuple[Keeping, str]:
    """By a stateful session, by a hash of a cookie or of the address; the name of the cookie."""
    stateful = [entry for entry in objects if words(entry.get("@type")).endswith(_STATEFUL)]
    if stateful:
        return "cookie", words(at(stateful[0], "cookie", "name"))
    if not policy:
        return "unknown", ""
    hashes = [one for entry in objects for one in entries(entry.get("hash_policy"))] if policy in _HASHING else []
    name = next((words(at(one, "cookie", "name")) for one in hashes if at(one, "cookie")), "")
    if name:
        return "cookie", name
    return ("address", "") if any(at(one, "connection_properties", "source_ip") for one in hashes) else ("none", "")


def _servers(cluster: Any, nodes: Sequence[Node]) -> tuple[Server, ...]:
    pool = words(at(cluster, "name"))
    return tuple(_server(pool, host, nodes) for host in entries(at(cluster, "host_statuses")))


def _server(pool: str, host: Any, nodes: Sequence[Node]) -> Server:
    place = at(host, "address", "socket_address")
    address = f"{words(at(place, 'address'))}:{at(place, 'port_value')}"
    health = at(host, "health_status")
    failed = isinstance(health, dict) and any(key.startswith("failed_") and health[key] for key in health)
    return Server(
        pool=pool,
        name=words(at(host, "hostname")) or address,
        node=node_of(nodes, address=address),
        address=address,
        status="DOWN" if failed else "UP",
        weight=at(host, "weight") if isinstance(at(host, "weight"), int) else 0,
    )


def _objects(document: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every object in a document."""
    inside = document.values() if isinstance(document, dict) else entries(document)
    if isinstance(document, dict):
        yield document
    if depth < _DEEPEST:
        for value in inside:
            yield from _objects(value, depth + 1)


def _pages(url: str) -> tuple[str, ...]:
    root = urlsplit(url)._replace(path="", query="", fragment="").geturl()
    return f"{root}/clusters?format=json", f"{root}/config_dump"


PAGE = StatusPage(urls=_pages, read=read)
