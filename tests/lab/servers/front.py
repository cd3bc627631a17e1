"""nginx with several ways in: what stands in front of a site besides one balancer."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.lab.process import Command, Program
from tests.lab.readiness import healthy

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Front:
    """One nginx: `servers` are names and ports of the nodes.

    `text` is what stands in the http block besides the paths of files. In it $PORT and $SECOND are its two ports, and a
    `$` with a node's name is that node's address. $PASS are the directives that a good location of a proxy has.
    """

    text: str
    name: str = "edge"
    port: int = 0
    second_port: int = 0
    servers: tuple[tuple[str, int], ...] = ()

    def prepare(self, home: Path) -> Command:
        """Write nginx.conf."""
        config = home / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""
        config.write_text(TEMPLATE.format(home=home, user=user, text=self._filled()))
        nginx = Program("nginx", "nginx-light").path()
        return Command((nginx, "-p", str(home), "-e", str(home / "error.log"), "-c", str(config)))

    def ready(self) -> bool:
        """Whether it answers for itself."""
        return healthy(self.port, "/__lb")

    def _filled(self) -> str:
        text = (
            self.text.replace("$PASS", PASS).replace("$PORT", str(self.port)).replace("$SECOND", str(self.second_port))
        )
        for name, port in self.servers:
            text = text.replace(f"${name}", f"127.0.0.1:{port}")
        return text


PASS = """location = /__lb { return 204; }
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
  proxy_set_header X-Forwarded-Proto $scheme;"""
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
{text}
}}
"""
