"""The versions of what the laboratory runs on this machine, for whoever reads its figures."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import zipfile
from typing import TYPE_CHECKING

from tests.lab.process import Program
from tests.lab.servers import envoy, express, jk, postgres, redisson, spring, tomcat, traefik

if TYPE_CHECKING:
    from collections.abc import Iterator

_ASKED = {
    "HAProxy": (Program("haproxy", "haproxy"), "-v"),
    "nginx": (Program("nginx", "nginx-light"), "-v"),
    "Apache": (Program("apache2", "apache2-bin"), "-v"),
    "Caddy": (Program("caddy", "caddy"), "version"),
    "Redis": (Program("redis-server", "redis-server"), "--version"),
    "memcached": (Program("memcached", "memcached"), "--version"),
    "MariaDB": (Program("mariadbd", "mariadb-server"), "--version"),
    "Node.js": (Program("node", "nodejs"), "--version"),
    "PHP": (Program("php", "php-cli"), "--version"),
}
_DISTRIBUTIONS = ("Flask", "Django", "gunicorn")
_VERSION = re.compile(r"\d+(?:\.\d+)+")


def versions() -> dict[str, str]:
    """Products and their versions. Raises `LabError` where one is not installed."""
    return dict(sorted(_versions(), key=lambda named: named[0].lower()))


def _versions() -> Iterator[tuple[str, str]]:
    for product, (program, word) in _ASKED.items():
        yield product, _told(program.path(), word)
    yield "PostgreSQL", _told(postgres.program("postgres"), "--version")
    for name in _DISTRIBUTIONS:
        yield name, importlib.metadata.version(name)
    yield "Express", json.loads((express.APP / "package.json").read_text())["dependencies"]["express"]
    yield "Envoy", _number(envoy.WHEEL)
    yield "Traefik", _number(traefik.WHEEL)
    yield "Spring Boot", spring.VERSION
    yield "Redisson", redisson.VERSION
    yield "Tomcat", _tomcat()
    yield "mod_jk", _number(_after(b"mod_jk/", jk.JK.read_bytes()))


def _told(*argv: str) -> str:
    """The first version in what a program says of itself."""
    done = subprocess.run(argv, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL, timeout=30)
    return _number(done.stdout + done.stderr)


def _number(text: str) -> str:
    found = _VERSION.search(text)
    return found[0] if found else "unknown"


def _after(mark: bytes, content: bytes) -> str:
    return content.partition(mark)[2][:20].decode(errors="replace")


def _tomcat() -> str:
    with zipfile.ZipFile(tomcat.CATALINA_HOME / "lib" / "catalina.jar") as jar:
        return _number(_after(b"Tomcat/", jar.read("org/apache/catalina/util/ServerInfo.properties")))
