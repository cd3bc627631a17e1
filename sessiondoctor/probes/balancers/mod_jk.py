"""The status worker of Apache mod_jk as XML (`?mime=xml`, jk_status.c), seen with 1.2.48."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.balancers.status import BalancerStatus, Server
from sessiondoctor.formats.xml import attribute, parse_xml
from sessiondoctor.probes.balancers.status_page import MOST, StatusPage, node_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from sessiondoctor.topology.model import Balancer, Node

_SPACE = "{http://tomcat.apache.org}"
_COOKIE = "JSESSIONID"  # unless the worker's session_cookie says otherwise, which the status does not show
_STOPPED = {"DIS": "DRAIN", "STP": "MAINT"}


def read(texts: Sequence[str], balancer: Balancer, nodes: Sequence[Node]) -> BalancerStatus:
    """The members of the load balancer worker with most declared nodes.

    Raises:
        Unavailable: the text is no such XML.
    """
    root = parse_xml(texts[0])
    if root is None or root.tag != f"{_SPACE}status":
        raise Unavailable(
            "the response is not mod_jk's status worker", hint="declare the URL of its status worker as stats"
        )
    pools = [(pool, _servers(pool, nodes)) for pool in root.findall(f"{_SPACE}balancers/{_SPACE}balancer")[:MOST]]
    if not pools:
        raise Unavailable("the status of mod_jk shows no load balancer worker")
    pool, servers = max(pools, key=lambda pair: (sum(bool(server.node) for server in pair[1]), len(pair[1])))
    is_sticky = attribute(pool, "sticky_session") == "True"
    return BalancerStatus(
        balancer=balancer.name,
        kind=balancer.kind,
        algorithm=attribute(pool, "method"),
        affinity_cookie=_COOKIE if is_sticky else "",
        servers=servers,
        keeping="cookie" if is_sticky else "none",
    )


def _servers(pool: Element, nodes: Sequence[Node]) -> tuple[Server, ...]:
    members = pool.findall(f"{_SPACE}member")[:MOST]
    return tuple(_server(attribute(pool, "name"), member, nodes) for member in members)


def _server(pool: str, member: Element, nodes: Sequence[Node]) -> Server:
    route, name = attribute(member, "route"), attribute(member, "name")
    return Server(
        pool=pool,
        name=name,
        node=node_of(nodes, name=name, route=route),
        address=attribute(member, "address"),
        status=_status(member),
        cookie=route,
    )


def _status(member: Element) -> str:
    """A member is `OK`, `OK/IDLE`, `OK/BUSY` ..., or `ERR`; it may have been disabled or stopped by hand."""
    stopped = _STOPPED.get(attribute(member, "activation"))
    state = attribute(member, "state")
    return stopped or ("UP" if state.startswith("OK") else "DOWN" if state.startswith("ERR") else state)


PAGE = StatusPage(urls=lambda url: (f"{url.partition('?')[0]}?mime=xml",), read=read)
