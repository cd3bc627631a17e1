"""A naive user who comes by several ways; no code of the tool."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from tests.lab.shopper import filled_in

if TYPE_CHECKING:
    from tests.lab.cluster import Cluster
    from tests.lab.proofs import Proof

HOME_ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Way:
    """How to come to a site.

    Attributes:
        address: where to connect to, in brackets for IPv6.
        path: put before each path of the shop.
        source: the local address to connect from.
        port: another port than the site's; 0 for the site's own.
    """

    address: str = HOME_ADDRESS
    path: str = ""
    source: str | None = None
    port: int = 0


class Wanderer:
    """Sends every cookie by every way, as one browser does for one host."""

    def __init__(self, cluster: Cluster) -> None:
        self._site = httpx.URL(cluster.site)
        self._members_only = cluster.members_only
        self._cookies: dict[str, str] = {}
        self._items: set[str] = set()

    def adds(self, way: Way) -> str:
        """Put something into the cart; returns what."""
        item = f"naive-{secrets.token_hex(8)}"
        self._items.add(item)
        if self._members_only:
            page = self._asks(way, "GET", "/signin")
            self._asks(way, "POST", "/signin", filled_in(page.text, item))
        self._asks(way, "POST", "/cart", {"item": item})
        return item

    def sees(self, way: Way, item: str) -> bool:
        """Whether the cart shows it."""
        response = self._asks(way, "GET", "/cart")
        return response.is_success and item in response.text

    def traces(self) -> frozenset[str]:
        """What must not be printed."""
        return frozenset({*self._items, *self._cookies.values()})

    def _asks(self, way: Way, method: str, path: str, form: dict[str, str] | None = None) -> httpx.Response:
        url = f"{self._site.scheme}://{way.address}:{way.port or self._site.port}{way.path}{path}"
        headers = {"Host": self._site.netloc.decode(), "Cookie": "; ".join(map("=".join, self._cookies.items()))}
        transport = httpx.HTTPTransport(local_address=way.source)
        with httpx.Client(transport=transport, timeout=15, trust_env=False) as client:
            response = client.request(method, url, data=form, headers=headers)
        self._cookies.update(response.cookies)
        return response


HOME = Way()


def is_lost_by(way: Way, *, home: Way = HOME) -> Proof:
    """What was put into the cart at home is there at home, and not by the other way."""

    def proof(cluster: Cluster) -> frozenset[str]:
        user = Wanderer(cluster)
        item = user.adds(home)
        assert user.sees(home, item), "lost at home already"
        assert not user.sees(way, item), "it is there by the other way, too: the fault does not show"
        return user.traces()

    return proof


def is_kept_by(way: Way) -> Proof:
    """What was put into the cart at home is there by the other way, and at home afterwards."""

    def proof(cluster: Cluster) -> frozenset[str]:
        user = Wanderer(cluster)
        item = user.adds(HOME)
        assert all(user.sees(each, item) for each in (HOME, way, HOME)), "lost at a healthy site"
        return user.traces()

    return proof
