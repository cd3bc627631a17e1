"""Every affinity cookie that a real balancer sets is read as that balancer reads it."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import httpx
import pytest

from sessiondoctor.formats.affinity_cookie import Peer, decode_address, haproxy_dates, name_node, recognise_affinity
from tests.lab.edge import start_balancer
from tests.lab.servers.apache import Apache
from tests.lab.servers.caddy import Caddy
from tests.lab.servers.echo import Echo
from tests.lab.servers.envoy import Envoy
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.jk import ModJk
from tests.lab.servers.tomcat import Tomcat
from tests.lab.servers.traefik import Traefik
from tests.lab.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.lab.cluster import Balancer

MOST_CLIENTS = 50
TWO = ("app1", "app2")
BY_ROUTE = {name: name for name in TWO}


@dataclass(frozen=True, slots=True)
class Bound:
    """What a new client was given: a cookie, by the node that answered; `at` is the time of that."""

    name: str
    value: str
    node: str
    at: float


@dataclass(frozen=True, slots=True)
class Upstreams:
    """Running nodes."""

    nodes: tuple[Echo, ...]

    @property
    def peers(self) -> tuple[Peer, ...]:
        """As a topology without routes declares them."""
        return tuple(Peer(node.name, url=node.url) for node in self.nodes)

    def behind(self, balancer: Balancer) -> tuple[Bound, ...]:
        """What a balancer in front of them gives to new clients."""
        with Workspace() as workspace:
            running = start_balancer(workspace, balancer, self.nodes)
            return new_clients(f"http://127.0.0.1:{running.port}/")


@pytest.fixture(scope="module")
def upstreams() -> Iterator[Upstreams]:
    """Two nodes for all tests of this module."""
    with Workspace() as workspace:
        nodes = tuple(Echo(name, port=workspace.port(3000)) for name in TWO)
        workspace.start(*nodes)
        yield Upstreams(nodes)


def new_clients(url: str) -> tuple[Bound, ...]:
    """The cookies of clients that come for the first time; both nodes must be among them."""
    seen: list[Bound] = []
    while {bound.node for bound in seen} != set(TWO):
        assert len(seen) < MOST_CLIENTS, f"only {seen}"
        seen.append(new_client(url))
    return tuple(seen)


def new_client(url: str) -> Bound:
    """One visit without a cookie."""
    response = httpx.post(url, data={"item": "x"}) if url.endswith("/cart") else httpx.get(url)
    ((name, value),) = response.cookies.items()
    return Bound(name, value, response.headers["X-Node"], time.time())


def assert_named(bound: Sequence[Bound], peers: Sequence[Peer], *secrets: str) -> None:
    """The cookies name the nodes that answered."""
    for one in bound:
        assert name_node(one.name, one.value, peers, secrets=("", *secrets)) == one.node, one


def products(bound: Sequence[Bound]) -> set[str]:
    """Who is recognised as the maker of the cookies."""
    found = (recognise_affinity(one.name, one.value) for one in bound)
    return {known.product if known else "" for known in found}


def test_haproxy_static(upstreams: Upstreams) -> None:
    """The name of the server."""
    bound = upstreams.behind(HAProxy(affinity="insert"))
    assert_named(bound, upstreams.peers)
    assert products(bound) == {"haproxy"}


def test_haproxy_dates(upstreams: Upstreams) -> None:
    """The name of the server and the balancer's clock, rounded up to the next four seconds."""
    for lifetimes in ("maxidle 30m", "maxidle 30m maxlife 8h", "maxlife 8h"):
        bound = upstreams.behind(HAProxy(affinity="insert", lifetimes=lifetimes))
        assert_named(bound, upstreams.peers)
        assert products(bound) == {"haproxy"}
        for one in bound:
            dates = haproxy_dates(one.value)
            assert dates is not None
            assert all(-4 < one.at - date < 3 for date in dates), (lifetimes, one)


def test_haproxy_dynamic(upstreams: Upstreams) -> None:
    """XXH64 of key, address and port."""
    bound = upstreams.behind(HAProxy(affinity="dynamic", dynamic_key="lab-key"))
    assert_named(bound, upstreams.peers, "lab-key")
    assert products(bound) == {"haproxy"}
    assert all(name_node(one.name, one.value, upstreams.peers, secrets=("other",)) == "" for one in bound)


@pytest.mark.parametrize("secret", ["", "lab-secret"])
def test_caddy(upstreams: Upstreams, secret: str) -> None:
    """HMAC-SHA256 of the address."""
    bound = upstreams.behind(Caddy(affinity="cookie", secret=secret))
    assert_named(bound, upstreams.peers, secret)
    assert products(bound) == {"caddy"}


# A name of the user's choice leaves 16 hexadecimal digits, which a dynamic cookie of HAProxy also has.
@pytest.mark.parametrize(("cookie", "product"), [("", "traefik"), ("sticky", "unknown")])
def test_traefik(upstreams: Upstreams, cookie: str, product: str) -> None:
    """A part of the SHA-256 of the URL."""
    bound = upstreams.behind(Traefik(affinity="cookie", cookie=cookie))
    assert_named(bound, upstreams.peers)
    assert products(bound) == {product}


@pytest.mark.parametrize("ttl", [0, 600])
def test_envoy(upstreams: Upstreams, ttl: int) -> None:
    """The address, with an expiry if there is one."""
    bound = upstreams.behind(Envoy(affinity="cookie", ttl=ttl))
    assert_named(bound, upstreams.peers)
    assert products(bound) == {"envoy"}
    ports = {node.name: node.port for node in upstreams.nodes}
    for one in bound:
        assert decode_address(one.name, one.value) == f"127.0.0.1:{ports[one.node]}"


def test_apache_routeid(upstreams: Upstreams) -> None:
    """The route after a dot."""
    bound = upstreams.behind(Apache(routes={"r1": "app1", "r2": "app2"}, sticky="ROUTEID"))
    routes = tuple(replace(peer, route=f"r{number}") for number, peer in enumerate(upstreams.peers, start=1))
    assert_named(bound, routes)
    assert products(bound) == {"apache"}


def test_nginx_sticky() -> None:
    """MD5 of the address: a value of its documentation, as Debian's nginx has no `sticky`."""
    value = "5958c386bf5e9109ac10d2a628645aea"
    assert value == hashlib.md5(b"127.0.0.1:8080", usedforsecurity=False).hexdigest()
    assert_named([Bound("route", value, "app1", 0)], [Peer("app1", url="http://127.0.0.1:8080/"), Peer("app2")])


def test_tomcat_routes() -> None:
    """JvmRoute after a dot, and HAProxy's prefix before a tilde, which counts more."""
    with Workspace() as workspace:
        nodes = tuple(
            Tomcat(name, port=workspace.port(9000), ajp_port=workspace.port(8009), route=name) for name in TWO
        )
        workspace.start(*nodes)
        peers = tuple(Peer(node.name, url=node.url) for node in nodes)
        by_ajp = tuple(node.by_ajp for node in nodes)
        for balancer, servers in (
            (HAProxy(name="haproxy", affinity="prefix"), nodes),
            (Apache(name="apache", routes=BY_ROUTE), nodes),
            (ModJk(name="jk", workers=BY_ROUTE), by_ajp),
        ):
            running = start_balancer(workspace, balancer, servers)
            assert_named(new_clients(f"http://127.0.0.1:{running.port}/cart"), peers)
