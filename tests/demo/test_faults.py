"""Every fault of the embedded cluster shows to an ordinary client, and the healthy cluster shows none."""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING

import httpx
import pytest
import yaml

from sessiondoctor.demo.cluster import cluster
from sessiondoctor.demo.faults import FAULTS

if TYPE_CHECKING:
    from sessiondoctor.demo.cluster import Cluster

NODES = ["app1", "app2", "app3"]
SHOWS_IN_THE_CART = {
    "lb-no-affinity", "route-id-mismatch", "signing-secret-mismatch", "node-local-store", "store-endpoint-divergence",
    "key-prefix-mismatch", "clock-skew", "secure-cookie-behind-tls-offload",
}  # fmt: skip
SHOWS_TO_A_BROWSER = {"samesite-none-without-secure", "cookie-domain-mismatch", "cookie-path-mismatch"}
SHOWS_IN_TIME = {"ttl-shorter-than-idle", "ttl-not-refreshed", "cookie-lifetime-too-short"}


def shop(running: Cluster) -> httpx.Client:
    """A client that keeps every cookie, whatever a browser would do."""
    site = yaml.safe_load(running.topology.read_text())["site"]
    authority = running.topology.parent / "ca.pem"
    trust: ssl.SSLContext | bool = ssl.create_default_context(cafile=authority) if authority.exists() else True
    url = httpx.URL(site["url"])
    return httpx.Client(
        base_url=url.copy_with(host="127.0.0.1"),
        verify=trust,
        headers={"Host": url.netloc.decode()},
        transport=_Named(url.host, trust=trust),
        trust_env=False,
    )


class _Named(httpx.HTTPTransport):
    """Connects to an address and asks for a name, as `curl --resolve` does."""

    def __init__(self, name: str, *, trust: ssl.SSLContext | bool) -> None:
        super().__init__(verify=trust)
        self._name = name

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.extensions["sni_hostname"] = self._name
        return super().handle_request(request)


def visit(running: Cluster) -> tuple[str, list[tuple[str, bool]]]:
    """The Set-Cookie line of a first visit that puts something into the cart, and six looks: node, still there."""
    with shop(running) as client:
        first = client.post("/cart", data={"item": "marker1"})
        cookie = first.headers.get("set-cookie", "")
        sent = {"Cookie": cookie.partition(";")[0]} if cookie else {}
        looks = [client.get("/cart", headers=sent) for _ in range(6)]
    return cookie, [(look.headers["x-node"], "marker1" in look.text) for look in looks]


def ttl(running: Cluster) -> int:
    """Seconds that the one session in the store has to live."""
    import redis

    store = yaml.safe_load(running.topology.read_text())["stores"][0]["url"]
    with redis.Redis.from_url(store) as client:
        (key,) = client.keys("sess:*")
        return int(client.ttl(key))


def test_every_fault_is_looked_at_here() -> None:
    """A new one needs a test."""
    assert set(FAULTS) == SHOWS_IN_THE_CART | SHOWS_TO_A_BROWSER | SHOWS_IN_TIME


def test_the_healthy_cluster_keeps_the_cart_on_every_node() -> None:
    """It moves the client, and that does no harm."""
    with cluster("none") as running:
        cookie, looks = visit(running)
    assert sorted({node for node, _ in looks}) == NODES
    assert all(kept for _, kept in looks)
    assert cookie.startswith("connect.sid=s%3A")


@pytest.mark.parametrize("fault", sorted(SHOWS_IN_THE_CART))
def test_the_cart_is_lost(fault: str) -> None:
    """By one client of three at least; where cookies are not even set, everywhere."""
    with cluster(fault) as running:
        visits = [visit(running) for _ in NODES]
    cookie, _ = visits[0]
    lost = {node for _, looks in visits for node, kept in looks if not kept}
    assert lost
    if fault == "secure-cookie-behind-tls-offload":
        assert (cookie, sorted(lost)) == ("", NODES)
    if fault in {"clock-skew", "signing-secret-mismatch", "key-prefix-mismatch", "store-endpoint-divergence"}:
        assert "app2" in lost  # the one node that differs; it may delete the session for all


@pytest.mark.parametrize(
    ("fault", "pattern"),
    [
        ("samesite-none-without-secure", r"SameSite=None"),
        ("cookie-domain-mismatch", r"Domain=shop\.internal"),
        ("cookie-path-mismatch", r"Path=/shop\b"),
    ],
)
def test_a_browser_refuses_the_cookie(fault: str, pattern: str) -> None:
    """A client that sends it back all the same keeps its cart."""
    with cluster(fault) as running:
        cookie, looks = visit(running)
    assert re.search(pattern, cookie)
    assert "Secure" not in cookie
    assert all(kept for _, kept in looks)


def test_the_cookie_ends_before_the_session() -> None:
    """Two minutes, and a session is declared to live for thirty."""
    with cluster("cookie-lifetime-too-short") as running:
        cookie, looks = visit(running)
    assert "Max-Age=120" in cookie
    assert all(kept for _, kept in looks)


@pytest.mark.parametrize(("fault", "seconds"), [("none", 1800), ("ttl-shorter-than-idle", 60)])
def test_the_time_to_live_in_the_store(fault: str, seconds: int) -> None:
    """As the node sets it."""
    with cluster(fault) as running:
        visit(running)
        assert seconds - 5 <= ttl(running) <= seconds


@pytest.mark.parametrize(("fault", "renewed"), [("none", True), ("ttl-not-refreshed", False)])
def test_a_visit_renews_the_time_to_live(fault: str, *, renewed: bool) -> None:
    """Or it does not: then an active user is logged out."""
    import redis

    with cluster(fault) as running, shop(running) as client:
        client.post("/cart", data={"item": "marker1"})
        url = yaml.safe_load(running.topology.read_text())["stores"][0]["url"]
        with redis.Redis.from_url(url) as store:
            (key,) = store.keys("sess:*")
            store.expire(key, 100)
        client.get("/cart")
        assert (ttl(running) > 100) is renewed


def test_a_fault_that_does_not_exist() -> None:
    """Is an error, not a healthy cluster."""
    with pytest.raises(KeyError), cluster("no-such-fault"):
        pass


def test_nothing_is_left_behind() -> None:
    """Neither the folder nor a listening port."""
    with cluster("none") as running, shop(running) as client:
        folder = running.topology.parent
        base = client.base_url
    assert not folder.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(base, trust_env=False)
