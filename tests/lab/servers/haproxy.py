"""HAProxy: the balancer in front of most shops."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tests.lab.process import Command, Program
from tests.lab.readiness import http_body

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class HAProxy:
    """One balancer: `servers` are names and ports of the nodes.

    `affinity` is round robin without any, a cookie of its own (SRV), or a prefix on the application's
    JSESSIONID. `certificate` is a PEM file with key, for HTTPS. `prefix` is put before each request's path.
    """

    name: str = "edge"
    port: int = 0
    stats_port: int = 0
    servers: tuple[tuple[str, int], ...] = ()
    affinity: Literal["none", "insert", "prefix"] = "none"
    certificate: Path | None = None
    forwards_proto: bool = True
    prefix: str = ""

    @property
    def stats(self) -> str:
        """Its status page."""
        return f"http://127.0.0.1:{self.stats_port}/stats"

    def prepare(self, home: Path) -> Command:
        """Write haproxy.cfg."""
        config = home / "haproxy.cfg"
        config.write_text("\n".join([*GLOBAL, *self._frontend(), *self._stats_page(), *self._backend()]) + "\n")
        return Command((Program("haproxy", "haproxy").path(), "-db", "-f", str(config)))

    def ready(self) -> bool:
        """Whether all servers are up: before that it would send everybody to the first that is."""
        states = self.states()
        return bool(states) and all(state.startswith("UP") for state in states.values())

    def states(self) -> Mapping[str, str]:
        """Each server's state on the status page, `UP` or `DOWN`; empty while there is no page."""
        page = http_body(self.stats_port, "/stats;csv")
        rows = csv.DictReader(io.StringIO((page or b"").decode().removeprefix("# ")))
        names = dict(self.servers)
        return {row["svname"]: row["status"] for row in rows if row["svname"] in names}

    def _frontend(self) -> list[str]:
        tls = f" ssl crt {self.certificate}" if self.certificate else ""
        lines = ["frontend site", f"  bind 127.0.0.1:{self.port}{tls}", "  option forwardfor"]
        if self.forwards_proto:
            lines.append(f"  http-request set-header X-Forwarded-Proto {'https' if tls else 'http'}")
        if self.prefix:
            lines.append(f"  http-request set-path {self.prefix}%[path]")
        return [*lines, "  default_backend app"]

    def _stats_page(self) -> list[str]:
        return ["frontend stats", f"  bind 127.0.0.1:{self.stats_port}", "  stats enable", "  stats uri /stats"]

    def _backend(self) -> list[str]:
        lines = ["backend app", "  balance roundrobin", "  option httpchk GET /healthz", *COOKIE[self.affinity]]
        for name, port in self.servers:
            route = "" if self.affinity == "none" else f" cookie {name}"
            lines.append(f"  server {name} 127.0.0.1:{port} check inter 300 rise 1 fall 2{route}")
        return lines


GLOBAL = (
    "global",
    "  maxconn 500",
    "  tune.ssl.default-dh-param 2048",
    "defaults",
    "  mode http",
    "  timeout connect 2s",
    "  timeout client 15s",
    "  timeout server 15s",
    "  option redispatch",
    "  retries 1",
)
COOKIE = {
    "none": (),
    "insert": ("  cookie SRV insert indirect nocache httponly",),
    "prefix": ("  cookie JSESSIONID prefix nocache",),
}
