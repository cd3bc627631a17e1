"""A running cluster, and the topology file that describes it to the tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from tests.lab.servers.apache import Apache
from tests.lab.servers.caddy import Caddy
from tests.lab.servers.envoy import Envoy
from tests.lab.servers.front import Front
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.jk import ModJk
from tests.lab.servers.memcached import Memcached
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.redis import Redis
from tests.lab.servers.traefik import Traefik

Balancer = HAProxy | Nginx | Apache | Front | ModJk | Caddy | Envoy | Traefik

FLOW = {
    "write": {"method": "POST", "path": "/cart", "form": {"item": "{marker}"}},
    "read": {"path": "/cart", "expect": "{marker}"},
    "node": {"header": "X-Node"},
}
"""How every application of the laboratory is used; the `flow` of a topology file."""

MEMBERS = {
    "login": {"method": "POST", "path": "/login", "form": {"user": "{marker}"}},
    "logged_in": {"path": "/account", "expect": "Sign out"},
    "node": {"header": "X-Node"},
}
"""The same for a site where being logged in is all that matters; Tomcat's shop has no login."""

PAYING = {
    **FLOW,
    "form": [
        {"path": "/pay", "extract": {"csrf": {"css": "input[type=hidden]"}}},
        {
            "method": "POST",
            "path": "/pay",
            "form": {"csrf": "{csrf}", "csrfmiddlewaretoken": "{csrf}"},
            "expect": "Paid",
        },
    ],
}
"""How every application but Tomcat's is used by somebody who sends a form with a token."""

INCREMENT = {"increment": {"method": "POST", "path": "/count", "value": {"json": "/count"}}}
GROW = {"grow": {"method": "POST", "path": "/blob", "form": {"size": "{bytes}"}}}
COUNTING = {**FLOW, **INCREMENT}
"""The same where parallel requests matter."""

GROWING = {**FLOW, **GROW}
"""The same where the size of a session matters."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Everything that a proof or a scan needs to know about running servers.

    Attributes:
        site: the public URL, through the balancer.
        nodes: the URL of each node by its name.
        topology: the file for the tool; `env` holds the variables it refers to.
        secrets: what was planted and must never be printed.
        stores: every Redis by its name in the laboratory; `memcached` likewise.
        ca: the authority to trust, for a site with TLS.
        members_only: whether the cart is for those who have signed in, in two steps.
    """

    site: str
    nodes: Mapping[str, str]
    balancer: Balancer
    topology: Path
    secrets: frozenset[str]
    env: Mapping[str, str] = field(default_factory=dict)
    stores: Mapping[str, Redis] = field(default_factory=dict)
    memcached: Mapping[str, Memcached] = field(default_factory=dict)
    ca: Path | None = None
    members_only: bool = False


FILES: Mapping[str, tuple[str, ...]] = {
    "load_balancers": (
        "haproxy.cfg", "nginx.conf", "httpd.conf", "workers.properties", "Caddyfile", "envoy.json", "routing.yml",
    ),
    "nodes": (
        ".env", "php.ini", "application.properties", "conf/server.xml", "conf/context.xml",
        "hazelcast.yaml",
    ),
}  # fmt: skip
"""The configuration that servers of the laboratory have in their folders; a topology names all that is there."""


def write_topology(directory: Path, description: Mapping[str, Any]) -> Path:
    """Write the topology file that describes a cluster; paths in it are relative to `directory`."""
    path = directory / "sessiondoctor.yaml"
    told = {section: _with_files(directory, section, value) for section, value in description.items()}
    path.write_text(yaml.safe_dump({"version": 1, **told}, sort_keys=False))
    return path


def _with_files(directory: Path, section: str, parts: Any) -> Any:
    """The components of a section, each with the files of the server of its name."""
    return [_with_its_files(directory, FILES[section], part) for part in parts] if section in FILES else parts


def _with_its_files(directory: Path, names: tuple[str, ...], part: Mapping[str, Any]) -> Mapping[str, Any]:
    known = [f"{part['name']}/{name}" for name in names if (directory / part["name"] / name).is_file()]
    files = list(dict.fromkeys([*part.get("config", []), *known]))
    return {**part, "config": files} if files else part
