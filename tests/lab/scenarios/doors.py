"""Sites with several ways in, and sessions in the memory of Express nodes."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from tests.lab import proofs
from tests.lab.cluster import FLOW, Cluster, write_topology
from tests.lab.scenario import Scenario
from tests.lab.servers.express import Express
from tests.lab.servers.front import Front
from tests.lab.wanderer import Way, is_kept_by, is_lost_by

if TYPE_CHECKING:
    from tests.lab.workspace import Workspace

HOST = "www.shop.test"
"""A name that only the topology file resolves."""

TWO = tuple(Express(f"app{n}", secret="{secret}") for n in (1, 2))
TWO_LAYERS = """
  upstream app { server $app1; server $app2; }
  upstream inner { server 127.0.0.1:$SECOND; }
  server { listen 127.0.0.1:$PORT; $PASS add_header Set-Cookie "EDGE=inner-one-of-one; Path=/; HttpOnly" always;
    location / { proxy_pass http://inner; } }
  server { listen 127.0.0.1:$SECOND; $PASS location / { proxy_pass http://app; } }
"""
ONE_EACH = """
  server { listen 127.0.0.1:$PORT; $PASS location / { proxy_pass http://$app1; } }
  server { listen %s:$PORT; $PASS location / { proxy_pass http://$app2; } }
"""
BOTH_TO_ONE = """
  server { listen 127.0.0.1:$PORT; listen 127.0.0.2:$PORT; listen [::1]:$PORT; $PASS
    location / { proxy_pass http://$app1; } }
"""
BY_ADDRESS = """
  upstream app { ip_hash; server $app1; server $app2; }
  server { listen 127.0.0.1:$PORT; $PASS location / { proxy_pass http://app; } }
"""
BY_PATH = """
  server { listen 127.0.0.1:$PORT; $PASS
    location / { proxy_pass http://$app1; }
    location /eu/ { proxy_pass http://$app2/; } }
"""
TWO_BALANCERS = """
  upstream one { hash $remote_addr; server $app1; server $app2; }
  upstream other { hash $remote_addr; server $app2; server $app1; }
  server { listen 127.0.0.1:$PORT; $PASS location / { proxy_pass http://one; } }
  server { listen 127.0.0.1:$SECOND; $PASS location / { proxy_pass http://other; } }
"""
DROPS_COOKIES = """
  server { listen 127.0.0.1:$PORT; $PASS proxy_set_header Cookie ""; location / { proxy_pass http://$app1; } }
"""
OLD_COOKIE = """
  server { listen 127.0.0.1:$PORT; $PASS
    add_header Set-Cookie "connect.sid=s%3Aan-older-session.of-another-version; Path=/cart; HttpOnly" always;
    location / { proxy_pass http://$app1; } }
"""


@dataclass(frozen=True, slots=True)
class DoorShop:
    """The cluster; each field is a place for a fault.

    Attributes:
        site: additions to the section of the topology file; `{port}` in a text is the front's port.
        second: whether the second port is declared as a balancer beside the first, or behind it.
    """

    text: str
    site: Mapping[str, Any] = field(default_factory=dict)
    nodes: tuple[Express, ...] = TWO
    second: Literal["no", "beside", "behind"] = "no"

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        secret = secrets.token_hex(16)
        nodes = tuple(
            replace(node, port=workspace.port(3000 + number), secret=secret)
            for number, node in enumerate(self.nodes, start=1)
        )
        workspace.start(*nodes)
        front = Front(
            self.text,
            port=workspace.port(8080),
            second_port=workspace.port(8081),
            servers=tuple((node.name, node.port) for node in nodes),
        )
        workspace.start(front)
        site = f"http://{HOST}:{front.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=front,
            topology=write_topology(workspace.directory, self._description(site, front, nodes)),
            secrets=frozenset({secret}),
        )

    def _description(self, site: str, front: Front, nodes: tuple[Express, ...]) -> dict[str, Any]:
        filled = {key: _filled(value, front) for key, value in self.site.items()}
        settings = {"resolve": {HOST: ["127.0.0.1"]}, "mode": "sticky", "idle_timeout": "30m", "flow": FLOW, **filled}
        return {
            "site": {"url": site, **settings},
            "load_balancers": self._balancers(front),
            "nodes": [{"name": node.name, "url": node.url, "headers": {"Host": HOST}} for node in nodes],
        }

    def _balancers(self, front: Front) -> list[dict[str, Any]]:
        edge: dict[str, Any] = {"name": "edge", "kind": "nginx", "config": ["edge/nginx.conf"]}
        match self.second:
            case "beside":
                edge |= {"url": f"http://127.0.0.1:{front.port}/"}
                return [edge, {"name": "standby", "kind": "nginx", "url": f"http://127.0.0.1:{front.second_port}/"}]
            case "behind":
                return [edge | {"affinity_cookie": "EDGE"}, {"name": "inner", "kind": "nginx", "behind": "edge"}]
            case _:
                return [edge]


def _filled(value: Any, front: Front) -> Any:
    if isinstance(value, str):
        return value.replace("{port}", str(front.port))
    return [_filled(item, front) for item in value] if isinstance(value, list) else value


def resolving(*addresses: str) -> dict[str, Any]:
    """The site's name has these addresses."""
    return {"resolve": {HOST: list(addresses)}}


SCENARIOS = (
    Scenario(
        name="doors-healthy-addresses",
        build=DoorShop(BOTH_TO_ONE, resolving("127.0.0.1", "127.0.0.2", "::1")),
        proofs=(proofs.state_survives, is_kept_by(Way("127.0.0.2")), is_kept_by(Way("[::1]"))),
    ),
    Scenario(
        name="doors-dns-multi-site-split",
        build=DoorShop(ONE_EACH % "127.0.0.2", resolving("127.0.0.1", "127.0.0.2")),
        proofs=(proofs.state_survives, is_lost_by(Way("127.0.0.2"))),
        cause="dns-multi-site-split",
    ),
    Scenario(
        name="doors-ipv4-ipv6-split",
        build=DoorShop(ONE_EACH % "[::1]", resolving("127.0.0.1", "::1")),
        proofs=(proofs.state_survives, is_lost_by(Way("[::1]"))),
        cause="ipv4-ipv6-split",
    ),
    Scenario(
        name="doors-client-ip-changes",
        build=DoorShop(BY_ADDRESS, {"sources": ["127.0.1.1", "127.0.2.1"]}),
        proofs=(proofs.state_survives, is_lost_by(Way(source="127.0.2.1"), home=Way(source="127.0.1.1"))),
        cause="client-ip-changes",
    ),
    Scenario(
        name="doors-routing-rule-overrides-affinity",
        build=DoorShop(BY_PATH, {"urls": [f"http://{HOST}:{{port}}/eu/"]}),
        proofs=(proofs.state_survives, is_lost_by(Way(path="/eu"))),
        cause="routing-rule-overrides-affinity",
    ),
    Scenario(
        name="doors-lb-peers-not-shared",
        build=DoorShop(TWO_BALANCERS, second="beside"),
        proofs=(proofs.state_survives,),
        cause="lb-peers-not-shared",
    ),
    Scenario(
        name="doors-multi-layer-affinity",
        build=DoorShop(TWO_LAYERS, second="behind"),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="multi-layer-affinity",
    ),
    Scenario(
        name="doors-cdn-drops-cookies",
        build=DoorShop(DROPS_COOKIES),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="cdn-drops-cookies",
    ),
    Scenario(
        name="doors-duplicate-cookie-shadowing",
        build=DoorShop(OLD_COOKIE),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="duplicate-cookie-shadowing",
    ),
)
