"""Apache mod_proxy_balancer's balancer-manager as XML (`?xml=1`, mod_proxy_balancer.c), seen with 2.4.71.

It answers in XML to requests whose Referer is on the same host, and in HTML to others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.balancers.status import BalancerStatus, Server
from sessiondoctor.formats.xml import parse_xml, text_of
from sessiondoctor.probes.balancers.status_page import MOST, StatusPage, node_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from xml.etree.ElementTree import Element

    from sessiondoctor.topology.model import Balancer, Node

_SPACE = "{http://httpd.apache.org}"
_STATES = (("Err", "DOWN"), ("Dis", "MAINT"), ("Stop", "MAINT"), ("Drn", "DRAIN"), ("HcFl", "DOWN"), ("Ok", "UP"))
"""Words of `status`, the ones that count first; a worker that never failed is `Init Ok`."""


def read(texts: Sequence[str], balancer: Balancer, nodes: Sequence[Node]) -> BalancerStatus:
    """The workers of the balancer that most of the declared nodes belong to.

    Raises:
        Unavailable: the text is no such XML.
    """
    root = parse_xml(texts[0])
    if root is None or root.tag != f"{_SPACE}manager":
        raise Unavailable(
            "the response is not Apache's balancer-manager", hint="declare its /balancer-manager as stats"
        )
    pools = [(pool, _servers(pool, nodes)) for pool in root.findall(f"{_SPACE}balancers/{_SPACE}balancer")[:MOST]]
    if not pools:
        raise Unavailable("the balancer-manager shows no balancer")
    pool, servers = max(pools, key=lambda pair: (sum(bool(server.node) for server in pair[1]), len(pair[1])))
    sticky = _said(pool, "stickysession").partition("|")[0]
    return BalancerStatus(
        balancer=balancer.name,
        kind=balancer.kind,
        algorithm=_said(pool, "lbmethod"),
        affinity_cookie=sticky,
        servers=servers,
        keeping="cookie" if sticky else "none",
    )


def _servers(pool: Element, nodes: Sequence[Node]) -> tuple[Server, ...]:
    name = _said(pool, "name").removeprefix("balancer://")
    workers = pool.findall(f"{_SPACE}workers/{_SPACE}worker")
    return tuple(_server(name, worker, nodes) for worker in workers[:MOST])


def _server(pool: str, worker: Element, nodes: Sequence[Node]) -> Server:
    address, route = f"{_said(worker, 'hostname')}:{_said(worker, 'port')}", _said(worker, "route")
    return Server(
        pool=pool,
        name=_said(worker, "name"),
        node=node_of(nodes, address=address, route="" if _said(worker, "scheme").startswith("http") else route),
        address=address,
        status=_status(_said(worker, "status")),
        cookie=route,
    )


def _status(words: str) -> str:
    return next((status for word, status in _STATES if word in words.split()), words)


def _said(element: Element, name: str) -> str:
    return text_of(element.find(f"{_SPACE}{name}"))


PAGE = StatusPage(
    urls=lambda url: (f"{url.partition('?')[0]}?xml=1",),
    read=read,
    headers=lambda url: (("Referer", url),),
)
