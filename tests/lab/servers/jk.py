"""Apache httpd with mod_jk: speaks AJP to Tomcat and takes the name of a worker for a route."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.process import Command, Program
from tests.lab.readiness import healthy

JK = Path("/usr/lib/apache2/modules/mod_jk.so")
MODULES = ("mpm_event", "authz_core", "jk")


@dataclass(frozen=True, slots=True)
class ModJk:
    """One balancer: `servers` are names and AJP ports of the nodes.

    `workers` maps the name of a worker to the server it talks to; a session stays only if that name is the jvmRoute
    of the server.
    """

    name: str = "edge"
    port: int = 0
    servers: tuple[tuple[str, int], ...] = ()
    workers: Mapping[str, str] = field(default_factory=dict)
    sticky: bool = True

    @property
    def stats(self) -> str:
        """Its status page."""
        return f"http://127.0.0.1:{self.port}/jk-status"

    def prepare(self, home: Path) -> Command:
        """Write httpd.conf and workers.properties."""
        if not JK.is_file():
            raise LabError("mod_jk is not installed: apt-get install libapache2-mod-jk")
        config = home / "httpd.conf"
        config.write_text(HTTPD.format(home=home, port=self.port, modules=_modules(), user=_user()))
        (home / "workers.properties").write_text(self._workers())
        return Command((Program("apache2", "apache2-bin").path(), "-d", str(home), "-f", str(config), "-DFOREGROUND"))

    def ready(self) -> bool:
        """Whether it answers for itself."""
        return healthy(self.port, "/jk-status")

    def _workers(self) -> str:
        ports = dict(self.servers)
        each = (WORKER.format(name=worker, port=ports[server]) for worker, server in self.workers.items())
        return WORKERS.format(names=",".join(self.workers), sticky=int(self.sticky)) + "".join(each)


def _modules() -> str:
    return "\n".join(f"LoadModule {name}_module {JK.with_name(f'mod_{name}.so')}" for name in MODULES)


def _user() -> str:
    return "User www-data\nGroup www-data" if os.geteuid() == 0 else ""


HTTPD = """\
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
JkWorkersFile {home}/workers.properties
JkLogFile {home}/mod_jk.log
JkLogLevel info
JkShmFile {home}/jk.shm
JkMount /jk-status status
JkMount /* lb
"""
WORKERS = """\
worker.list=lb,status
worker.status.type=status
worker.lb.type=lb
worker.lb.balance_workers={names}
worker.lb.sticky_session={sticky}
"""
WORKER = """\
worker.{name}.type=ajp13
worker.{name}.host=127.0.0.1
worker.{name}.port={port}
worker.{name}.ping_mode=A
worker.{name}.socket_connect_timeout=1000
"""
