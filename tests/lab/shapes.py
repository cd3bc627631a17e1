"""What shape a laboratory's answers have: its own, where all is easy to read, or one of the world's.

A shape is put over a running cluster once and for all scenarios: a proxy in front of the site and of each node
(servers/veil.py) changes what they answer, and the applications keep their carts for those who have signed in.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml

from tests.lab.servers.veil import Veil

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.lab.cluster import Cluster
    from tests.lab.workspace import Workspace

SIGNING_IN = {
    "login": [
        {"path": "/signin", "extract": {"csrf": {"regex": 'name="?csrf"? value="?([^"> ]+)'}}},
        {"method": "POST", "path": "/signin", "form": {"user": "{marker}", "csrf": "{csrf}"}},
    ],
    "logged_in": {"path": "/account", "expect": "Sign out"},
}
"""How a user would write down that somebody must sign in first, in two steps and with a token."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is like the world.

    Attributes:
        mute: no answer names its node, and the topology file knows of no header that does.
        prg: a POST is answered by a redirect (303) to what shows its effect.
        coded: every body is compressed, whether the client wants that or not.
        steps: there is a cart only for those who have signed in, in two steps with a token.
        busy: answers take 120 to 300 ms; pages have 60 KB, nonces and other cookies; the value of a session's cookie
            is another one in each answer.
    """

    mute: bool = False
    prg: bool = False
    coded: bool = False
    steps: bool = False
    busy: bool = False

    @property
    def of_answers(self) -> Mapping[str, bool]:
        """What the proxy does."""
        return {part.name: getattr(self, part.name) for part in fields(self) if part.name != "steps"}

    @property
    def env(self) -> Mapping[str, str]:
        """What the applications are told."""
        return {"LAB_MEMBERS_ONLY": "1"} if self.steps else {}


PLAIN = Shape()
SHAPES: Mapping[str, Shape] = {
    "plain": PLAIN,
    **{part.name: Shape(**{part.name: True}) for part in fields(Shape)},
    "web": Shape(mute=True, prg=True, coded=True, steps=True, busy=True),
}
"""All of them by name; `web` is everything together."""


def shaped(workspace: Workspace, cluster: Cluster, shape: Shape) -> Cluster:
    """The same cluster in another shape; its topology file is rewritten."""
    if shape == PLAIN:
        return cluster
    described: dict[str, Any] = yaml.safe_load(cluster.topology.read_text())
    takes_members = shape.steps and _sells(described)
    described["site"]["flow"] = _flow(described["site"].get("flow", {}), shape, signing_in=takes_members)
    cluster = replace(cluster, members_only=takes_members)
    if any(shape.of_answers.values()):
        cluster = _veiled(workspace, cluster, described, shape)
    cluster.topology.write_text(yaml.safe_dump(described, sort_keys=False))
    return cluster


def _sells(described: Mapping[str, Any]) -> bool:
    """Whether the site is one of those shops that can be for members only; the shop of tokens cannot."""
    return not any("jwks" in node for node in described["nodes"])


def _flow(flow: Mapping[str, Any], shape: Shape, *, signing_in: bool) -> dict[str, Any]:
    """How the site is used in that shape."""
    changed = {**flow, **(SIGNING_IN if signing_in else {})}
    if shape.mute:
        changed.pop("node", None)
    return changed


def _veiled(workspace: Workspace, cluster: Cluster, described: dict[str, Any], shape: Shape) -> Cluster:
    """Put the proxy in front of every URL of the site, its nodes and its balancers."""
    real = {_port(url): url.startswith("https:") for url in (*_urls(described), cluster.site, *cluster.nodes.values())}
    ports = {workspace.port(workspace.usual_ports.get(port, port)): port for port in real if _accepts(port)}
    secure = tuple(public for public, port in ports.items() if real[port])
    workspace.start(Veil(shape.of_answers, ports, secure, workspace.directory / "tls" / "server.pem"))
    public = {real: public for public, real in ports.items()}
    _move(described, public)
    nodes = {name: _moved(url, public) for name, url in cluster.nodes.items()}
    return replace(cluster, site=_moved(cluster.site, public), nodes=nodes)


def _urls(described: Mapping[str, Any]) -> Iterator[str]:
    yield described["site"]["url"]
    yield from described["site"].get("urls", ())
    for part in (*described.get("nodes", ()), *described.get("load_balancers", ())):
        if "url" in part:
            yield part["url"]


def _move(described: dict[str, Any], public: Mapping[int, int]) -> None:
    """Let those URLs of a topology file lead to the proxy."""
    for part in (described["site"], *described.get("nodes", ()), *described.get("load_balancers", ())):
        if "url" in part:
            part["url"] = _moved(part["url"], public)
        if "urls" in part:
            part["urls"] = [_moved(url, public) for url in part["urls"]]


def _moved(url: str, public: Mapping[int, int]) -> str:
    port = _port(url)
    return url.replace(f":{port}", f":{public.get(port, port)}", 1)


def _port(url: str) -> int:
    return urlsplit(url).port or (443 if url.startswith("https:") else 80)


def _accepts(port: int) -> bool:
    """A node that is down stays at its own port, which refuses."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
