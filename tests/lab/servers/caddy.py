"""Caddy: the balancer whose cookie is an HMAC of the node's address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tests.lab.process import Command, Program
from tests.lab.readiness import healthy

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Caddy:
    """One balancer: `servers` are names and ports of the nodes.

    `affinity` is its lb_policy; `none` is Caddy's default, a random node. The cookie is `lb`, keyed with `secret`;
    the header is X-Forwarded-For. `extra` are directives of the reverse proxy.
    """

    name: str = "edge"
    port: int = 0
    stats_port: int = 0
    servers: tuple[tuple[str, int], ...] = ()
    affinity: Literal["none", "round_robin", "cookie", "ip_hash", "header"] = "none"
    secret: str = ""
    extra: tuple[str, ...] = ()

    @property
    def stats(self) -> str:
        """Its administration API."""
        return f"http://127.0.0.1:{self.stats_port}/"

    def prepare(self, home: Path) -> Command:
        """Write a Caddyfile."""
        config = home / "Caddyfile"
        config.write_text(TEMPLATE.format(**self._parts()))
        caddy = Program("caddy", "caddy").path()
        folders = {"XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
        return Command((caddy, "run", "--config", str(config), "--adapter", "caddyfile"), folders)

    def ready(self) -> bool:
        """Whether it answers for itself."""
        return healthy(self.port, "/__lb")

    def _parts(self) -> dict[str, str | int]:
        servers = " ".join(f"127.0.0.1:{port}" for _, port in self.servers)
        return {
            "port": self.port,
            "admin": self.stats_port,
            "servers": servers,
            "policy": self._policy(),
            "extra": "\n    ".join(self.extra),
        }

    def _policy(self) -> str:
        return {
            "none": "random",
            "round_robin": "round_robin",
            "cookie": f"cookie lb {self.secret}".rstrip(),
            "ip_hash": "ip_hash",
            "header": "header X-Forwarded-For",
        }[self.affinity]


TEMPLATE = """\
{{
  admin 127.0.0.1:{admin}
  auto_https off
}}
http://:{port} {{
  bind 127.0.0.1
  respond /__lb 204
  reverse_proxy {servers} {{
    lb_policy {policy}
    {extra}
  }}
}}
"""
