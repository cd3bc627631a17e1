"""Apache httpd with mod_proxy_balancer: the balancer that reads the route out of the session id."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.lab.process import Command, Program
from tests.lab.readiness import healthy

if TYPE_CHECKING:
    from pathlib import Path

MODULES = (
    "mpm_event",
    "authz_core",
    "authz_host",
    "headers",
    "proxy",
    "proxy_http",
    "proxy_balancer",
    "lbmethod_byrequests",
    "slotmem_shm",
)


@dataclass(frozen=True, slots=True)
class Apache:
    """One balancer: `servers` are names and ports of the nodes.

    `routes` maps a route to the server it names; `sticky` is the value of stickysession, empty for round robin.
    With "ROUTEID" the balancer sets that cookie itself, for applications that put no route into their session ids.
    """

    name: str = "edge"
    port: int = 0
    servers: tuple[tuple[str, int], ...] = ()
    routes: Mapping[str, str] = field(default_factory=dict)
    sticky: str = "JSESSIONID|jsessionid"

    @property
    def stats(self) -> str:
        """Its status page."""
        return f"http://127.0.0.1:{self.port}/balancer-manager"

    def prepare(self, home: Path) -> Command:
        """Write httpd.conf."""
        config = home / "httpd.conf"
        config.write_text(TEMPLATE.format(**self._parts(home)))
        return Command((Program("apache2", "apache2-bin").path(), "-d", str(home), "-f", str(config), "-DFOREGROUND"))

    def ready(self) -> bool:
        """Whether it answers for itself."""
        return healthy(self.port, "/balancer-manager")

    def _parts(self, home: Path) -> dict[str, str | int]:
        ports = dict(self.servers)
        members = (
            f"  BalancerMember http://127.0.0.1:{ports[server]} route={route} retry=1 connectiontimeout=1"
            for route, server in self.routes.items()
        )
        return {
            "home": str(home),
            "port": self.port,
            "modules": "\n".join(
                f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES
            ),
            "user": "User www-data\nGroup www-data" if os.geteuid() == 0 else "",
            "members": "\n".join(members),
            "sticky": f" stickysession={self.sticky}" if self.sticky else "",
            "routeid": ROUTEID if self.sticky == "ROUTEID" else "",
        }


# Verbatim from https://httpd.apache.org/docs/2.4/mod/mod_proxy_balancer.html#stickyness
ROUTEID = 'Header add Set-Cookie "ROUTEID=.%{BALANCER_WORKER_ROUTE}e; path=/" env=BALANCER_ROUTE_CHANGED'
TEMPLATE = """\
ServerRoot {home}
{modules}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {home}/httpd.pid
DefaultRuntimeDir {home}
Mutex file:{home} default
{user}
StartServers 1
ThreadsPerChild 16
MinSpareThreads 4
MaxSpareThreads 32
ServerLimit 2
MaxRequestWorkers 32
ErrorLog {home}/error.log
LogLevel info
<Location />
  Require all granted
</Location>
{routeid}
<Proxy balancer://app>
{members}
  ProxySet lbmethod=byrequests{sticky}
</Proxy>
<Location /balancer-manager>
  SetHandler balancer-manager
  Require local
</Location>
ProxyPass /balancer-manager !
ProxyPreserveHost On
ProxyPass / balancer://app/
ProxyPassReverse / balancer://app/
"""
