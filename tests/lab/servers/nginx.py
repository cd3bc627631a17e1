"""nginx: the balancer that has no cookie affinity of its own before 1.29.6."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.lab.process import Command, Program
from tests.lab.readiness import healthy

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Nginx:
    """One balancer: `servers` are names and ports of the nodes.

    `routes` sends a session id that ends in ".<route>" to a server; empty means round robin, or what `method` says,
    such as "ip_hash". `options` are those of each server, such as "max_fails=0". `extra` are directives for the
    location that proxies, `http_extra` for the http block.
    """

    name: str = "edge"
    port: int = 0
    servers: tuple[tuple[str, int], ...] = ()
    routes: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    options: str = ""
    extra: tuple[str, ...] = ()
    http_extra: tuple[str, ...] = ()

    def prepare(self, home: Path) -> Command:
        """Write nginx.conf."""
        config = home / "nginx.conf"
        config.write_text(TEMPLATE.format(**self._parts(home)))
        nginx = Program("nginx", "nginx-light").path()
        return Command((nginx, "-p", str(home), "-e", str(home / "error.log"), "-c", str(config)))

    def ready(self) -> bool:
        """Whether it answers for itself."""
        return healthy(self.port, "/__lb")

    def _parts(self, home: Path) -> dict[str, str | int]:
        return {
            "user": "user root;" if os.geteuid() == 0 else "",
            "home": str(home),
            "upstreams": "\n".join(self._upstreams()),
            "port": self.port,
            "target": "$target" if self.routes else "app",
            "extra": "\n      ".join(self.extra),
            "http_extra": "\n  ".join(self.http_extra),
        }

    def _upstreams(self) -> list[str]:
        ports = dict(self.servers)
        options = f" {self.options}" if self.options else ""
        everything = " ".join(f"server 127.0.0.1:{port}{options};" for port in ports.values())
        method = f"{self.method}; " if self.method else ""
        pool = f"  upstream app {{ {method}{everything} }}"
        if not self.routes:
            return [pool]
        single = [f"  upstream {server} {{ server 127.0.0.1:{ports[server]}; }}" for server in self.routes.values()]
        rules = " ".join(f'"~\\.{route}$" {server};' for route, server in self.routes.items())
        return [pool, *single, f"  map $cookie_JSESSIONID $target {{ default app; {rules} }}"]


TEMPLATE = """\
{user}
daemon off;
worker_processes 1;
pid {home}/nginx.pid;
error_log {home}/error.log info;
events {{ worker_connections 256; }}
http {{
  access_log {home}/access.log;
  client_body_temp_path {home}/client_body;
  proxy_temp_path {home}/proxy;
  fastcgi_temp_path {home}/fastcgi;
  uwsgi_temp_path {home}/uwsgi;
  scgi_temp_path {home}/scgi;
  {http_extra}
{upstreams}
  server {{
    listen 127.0.0.1:{port};
    location = /__lb {{ return 204; }}
    location / {{
      proxy_pass http://{target};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      {extra}
    }}
  }}
}}
"""
