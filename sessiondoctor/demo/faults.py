"""What can be wrong with the embedded cluster: one function a cause, from the healthy settings to broken ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from sessiondoctor.demo.balancer import BalancerSettings
from sessiondoctor.demo.shop import CookieSettings, NodeSettings

_HOUR = 3600


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """The whole cluster; `mode` is what its topology declares."""

    nodes: tuple[NodeSettings, ...]
    balancer: BalancerSettings = field(default_factory=BalancerSettings)
    mode: Literal["external", "sticky"] = "external"

    def each(self, **changes: object) -> ClusterSettings:
        """The same change on every node."""
        return replace(self, nodes=tuple(replace(node, **changes) for node in self.nodes))  # type: ignore[arg-type]

    def one(self, **changes: object) -> ClusterSettings:
        """A change on the second node only."""
        first, second, *rest = self.nodes
        return replace(self, nodes=(first, replace(second, **changes), *rest))  # type: ignore[arg-type]


Fault = Callable[[ClusterSettings], ClusterSettings]


def healthy(secret: str) -> ClusterSettings:
    """Three nodes that share a store and a secret, behind a balancer that needs no affinity."""
    return ClusterSettings(tuple(NodeSettings(name, secret) for name in ("app1", "app2", "app3")))


def _tomcat(settings: ClusterSettings) -> ClusterSettings:
    """Sessions in each node's memory, ids with a route, a balancer that follows it."""
    nodes = tuple(
        replace(node, prefix=None, route=node.name, cookie=CookieSettings(name="JSESSIONID")) for node in settings.nodes
    )
    return ClusterSettings(nodes, BalancerSettings(affinity="route"), mode="sticky")


def _https(settings: ClusterSettings) -> ClusterSettings:
    return replace(settings, balancer=replace(settings.balancer, https=True))


FAULTS: dict[str, Fault] = {
    "lb-no-affinity": lambda s: replace(_tomcat(s), balancer=BalancerSettings()),
    "route-id-mismatch": lambda s: _tomcat(s).each(route="app1"),
    "signing-secret-mismatch": lambda s: s.one(secret="another secret than the others"),  # noqa: S106 - a demo's fault
    "node-local-store": lambda s: s.each(prefix=None),
    "store-endpoint-divergence": lambda s: s.one(database=1),
    "key-prefix-mismatch": lambda s: s.one(prefix="shop:sess:"),
    "ttl-shorter-than-idle": lambda s: s.each(ttl_s=60),
    "ttl-not-refreshed": lambda s: s.each(refreshes=False),
    "clock-skew": lambda s: s.one(clock_ahead_s=2 * _HOUR),
    "secure-cookie-behind-tls-offload": lambda s: _https(s).each(
        trusts_proxy=False, cookie=CookieSettings(secure=True)
    ),
    "samesite-none-without-secure": lambda s: s.each(cookie=CookieSettings(same_site="None")),
    "cookie-domain-mismatch": lambda s: s.each(cookie=CookieSettings(domain="shop.internal")),
    "cookie-path-mismatch": lambda s: s.each(cookie=CookieSettings(path="/shop")),
    "cookie-lifetime-too-short": lambda s: s.each(cookie=CookieSettings(max_age_s=120)),
}
"""Faults by the cause that a scan must name."""
