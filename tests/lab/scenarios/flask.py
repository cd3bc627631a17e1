"""nginx in front of three Flask nodes whose sessions are in signed cookies."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tests.lab import proofs
from tests.lab.cluster import FLOW, Cluster, write_topology
from tests.lab.scenario import Scenario
from tests.lab.servers.flask import Flask
from tests.lab.servers.nginx import Nginx

if TYPE_CHECKING:
    from tests.lab.workspace import Workspace

HOST = "www.shop.test"
"""A name that only the topology file resolves."""

THREE = tuple(Flask(f"app{n}", secret="{secret}") for n in (1, 2, 3))
LARGE_HEADERS = ("proxy_buffer_size 16k;", "proxy_buffers 8 16k;", "proxy_busy_buffers_size 32k;")
CACHE = Nginx(
    http_extra=("proxy_cache_path cache keys_zone=pages:1m;",),
    extra=(
        "proxy_cache pages;",
        "proxy_cache_valid 200 30s;",
        "proxy_ignore_headers Cache-Control Set-Cookie Vary;",
        "add_header X-Cache $upstream_cache_status;",
    ),
)


def every(**changes: Any) -> tuple[Flask, ...]:
    """Three nodes with the same changes."""
    return tuple(replace(node, **changes) for node in THREE)


@dataclass(frozen=True, slots=True)
class FlaskShop:
    """The cluster; each field is a place for a fault."""

    nodes: tuple[Flask, ...] = THREE
    balancer: Nginx = field(default_factory=Nginx)

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        planted = {name: secrets.token_hex(16) for name in ("secret", "other_secret")}
        nodes = tuple(
            replace(node, port=workspace.port(5000 + number), secret=node.secret.format(**planted))
            for number, node in enumerate(self.nodes, start=1)
        )
        workspace.start(*nodes)
        servers = tuple((node.name, node.port) for node in nodes)
        balancer = replace(self.balancer, port=workspace.port(8080), servers=servers)
        workspace.start(balancer)
        site = f"http://{HOST}:{balancer.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, _description(site, nodes)),
            secrets=frozenset(planted.values()),
        )


def _description(site: str, nodes: tuple[Flask, ...]) -> dict[str, Any]:
    resolve = {HOST: ["127.0.0.1"]}
    return {
        "site": {"url": site, "resolve": resolve, "mode": "client-side", "idle_timeout": "30m", "flow": FLOW},
        "load_balancers": [{"name": "edge", "kind": "nginx", "config": ["edge/nginx.conf"]}],
        "nodes": [{"name": node.name, "url": node.url, "headers": {"Host": HOST}} for node in nodes],
    }


SCENARIOS = (
    Scenario(
        name="flask-healthy",
        build=FlaskShop(),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="flask-signing-secret-mismatch",
        build=FlaskShop(nodes=(*THREE[:2], replace(THREE[2], secret="{other_secret}"))),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="signing-secret-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="flask-cookie-domain-mismatch",
        build=FlaskShop(nodes=every(cookie_domain="shop.internal")),
        proofs=(proofs.state_is_lost, proofs.no_cookie_is_kept),
        cause="cookie-domain-mismatch",
    ),
    Scenario(
        name="flask-cookie-too-large",
        build=FlaskShop(nodes=every(ballast=5000), balancer=Nginx(extra=LARGE_HEADERS)),
        proofs=(proofs.state_is_lost, proofs.no_cookie_is_kept, proofs.site_answers(200)),
        cause="cookie-too-large",
    ),
    Scenario(
        name="flask-proxy-header-buffer-overflow",
        build=FlaskShop(nodes=every(ballast=3700)),
        proofs=(proofs.state_is_lost, proofs.site_answers(502), proofs.nodes_keep_their_own),
        cause="proxy-header-buffer-overflow",
    ),
    Scenario(
        name="flask-host-or-scheme-split",
        build=FlaskShop(nodes=every(secure=True)),
        proofs=(proofs.state_is_lost, proofs.site_answers(200)),
        cause="host-or-scheme-split",
    ),
    Scenario(
        name="flask-cdn-caches-set-cookie",
        build=FlaskShop(balancer=CACHE),
        proofs=(proofs.somebody_elses_cart_is_shown, proofs.nodes_keep_their_own),
        cause="cdn-caches-set-cookie",
        where=("edge",),
    ),
    Scenario(
        name="flask-proxy-rewrites-cookie",
        build=FlaskShop(balancer=Nginx(extra=("proxy_hide_header Set-Cookie;",))),
        proofs=(proofs.state_is_lost, proofs.no_cookie_is_kept, proofs.nodes_keep_their_own),
        cause="proxy-rewrites-cookie",
        where=("edge",),
    ),
)
