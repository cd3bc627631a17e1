"""HAProxy: the balancer in front of most shops."""

from __future__ import annotations

import csv
import io
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.lab.errors import LabError
from tests.lab.process import Command, Program
from tests.lab.readiness import http_body
from tests.lab.servers.express import faketime


@dataclass(frozen=True, slots=True)
class HAProxy:
    """One balancer: `servers` are names and ports of the nodes.

    `affinity` is round robin without any, a cookie of its own (SRV) with the server's name or, `dynamic`, with a
    digest of its address, a prefix on the application's JSESSIONID, a hash of the client's address, or a hash of
    the application's cookie connect.sid. `cookie` is the name of its own cookie, `lifetimes` are additions to it, such
    as "maxidle 30m maxlife 8h".
    `certificate` is a PEM file with key, for HTTPS. `prefix` is put before each request's path. `clock` is an offset
    such as "+10m"; "" for the real time. `routes` are the values of the cookie by server, where they are not the
    servers' names. `health` is the path that checks ask for; without it they only connect. `extra` are more lines
    of the backend.
    """

    name: str = "edge"
    port: int = 0
    stats_port: int = 0
    servers: tuple[tuple[str, int], ...] = ()
    affinity: Literal["none", "insert", "dynamic", "prefix", "source", "cookie-hash"] = "none"
    cookie: str = "SRV"
    dynamic_key: str = ""
    lifetimes: str = ""
    certificate: Path | None = None
    forwards_proto: bool = True
    prefix: str = ""
    clock: str = ""
    routes: Mapping[str, str] = field(default_factory=dict)
    health: str = "/healthz"
    extra: tuple[str, ...] = ()

    @property
    def stats(self) -> str:
        """Its status page."""
        return f"http://127.0.0.1:{self.stats_port}/stats"

    def prepare(self, home: Path) -> Command:
        """Write haproxy.cfg."""
        config = home / "haproxy.cfg"
        sections = [*GLOBAL, f"  stats socket {home / SOCKET} mode 600 level admin", *DEFAULTS]
        sections += [*self._frontend(), *self._stats_page(), *self._backend()]
        config.write_text("\n".join(sections) + "\n")
        return Command((Program("haproxy", "haproxy").path(), "-db", "-f", str(config)), faketime(self.clock))

    def ready(self) -> bool:
        """Whether all servers are up: before that it would send everybody to the first that is."""
        states = self.states()
        return bool(states) and all(state.startswith("UP") for state in states.values())

    def states(self) -> Mapping[str, str]:
        """Each server's state on the status page, `UP` or `DOWN`; empty while there is no page."""
        return self._column("status")

    def went_down(self) -> Mapping[str, int]:
        """How often health checks have taken each server out."""
        return {name: int(times) for name, times in self._column("chkdown").items()}

    def _column(self, name: str) -> dict[str, str]:
        page = http_body(self.stats_port, "/stats;csv")
        rows = csv.DictReader(io.StringIO((page or b"").decode().removeprefix("# ")))
        names = dict(self.servers)
        return {row["svname"]: row[name] for row in rows if row["svname"] in names}

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
        algorithm = BALANCE.get(self.affinity, "roundrobin")
        check = [f"  option httpchk GET {self.health}"] if self.health else []
        lines = [
            "backend app",
            f"  balance {algorithm}",
            *check,
            *self._cookie(),
            *(f"  {line}" for line in self.extra),
        ]
        for name, port in self.servers:
            route = f" cookie {self.routes.get(name, name)}" if self.affinity in {"insert", "prefix"} else ""
            lines.append(f"  server {name} 127.0.0.1:{port} check inter 300 rise 1 fall 2{route}")
        return lines

    def _cookie(self) -> list[str]:
        inserted = f"  cookie {self.cookie} insert indirect nocache httponly {self.lifetimes}".rstrip()
        match self.affinity:
            case "insert":
                return [inserted]
            case "dynamic":
                return [f"{inserted} dynamic", f"  dynamic-cookie-key {self.dynamic_key}"]
            case "prefix":
                return ["  cookie JSESSIONID prefix nocache"]
            case _:
                return []


def order(home: Path, command: str) -> None:
    """Tell a running HAProxy, whose folder is `home`, to do something: `set server app/app1 state drain`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as admin:
        admin.settimeout(2)
        admin.connect(str(home / SOCKET))
        admin.sendall(f"{command}\n".encode())
        answer = admin.recv(4096).decode().strip()
    if answer:
        raise LabError(f"HAProxy refuses {command!r}: {answer}")


SOCKET = "admin"
BALANCE = {"source": "source", "cookie-hash": "hash req.cook(connect.sid)"}
GLOBAL = (
    "global",
    "  maxconn 500",
    "  tune.ssl.default-dh-param 2048",
)
DEFAULTS = (
    "defaults",
    "  mode http",
    "  timeout connect 2s",
    "  timeout client 15s",
    "  timeout server 15s",
    "  option redispatch",
    "  retries 1",
)
