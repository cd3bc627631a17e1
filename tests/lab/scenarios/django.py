"""HAProxy or nginx in front of three Django nodes: sessions in Redis through the cache, or in signed cookies."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from tests.lab import proofs
from tests.lab.cluster import FLOW, MEMBERS, PAYING, Balancer, Cluster, write_topology
from tests.lab.edge import described, start_balancer
from tests.lab.scenario import Scenario
from tests.lab.servers.django import Django
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.redis import Redis

if TYPE_CHECKING:
    from tests.lab.workspace import Workspace

HOST = "www.shop.test"
"""A name that only the topology file resolves."""

# Names in braces are filled in when the ports and secrets of a run are known.
SESSIONS = "redis://:{password}@127.0.0.1:{redis}/0"
MEMORY = ""

THREE = tuple(Django(f"app{n}", store_url=SESSIONS, secret="{secret}") for n in (1, 2, 3))


def every(**changes: Any) -> tuple[Django, ...]:
    """Three nodes with the same changes."""
    return tuple(replace(node, **changes) for node in THREE)


def last(**changes: Any) -> tuple[Django, ...]:
    """Three nodes of which app3 differs."""
    return (*THREE[:2], replace(THREE[2], **changes))


IN_COOKIES = every(engine="signed_cookies", store_url=MEMORY)


@dataclass(frozen=True, slots=True)
class DjangoShop:
    """The cluster; each field is a place for a fault. The store is declared unless sessions are client-side."""

    balancer: Balancer
    nodes: tuple[Django, ...] = THREE
    mode: Literal["external", "client-side"] = "external"
    flow: Mapping[str, Any] = field(default_factory=lambda: FLOW)
    site: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, workspace: Workspace) -> Cluster:
        """Start it."""
        planted = {name: secrets.token_hex(24) for name in ("password", "secret", "other_secret")}
        redis = Redis("redis", port=workspace.port(6379), password=planted["password"])
        workspace.start(redis)
        nodes = tuple(
            replace(
                node,
                port=workspace.port(8000 + number),
                secret=node.secret.format(**planted),
                fallbacks=node.fallbacks.format(**planted),
                store_url=node.store_url.format(**planted, redis=redis.port),
            )
            for number, node in enumerate(self.nodes, start=1)
        )
        workspace.start(*nodes)
        balancer = start_balancer(workspace, self.balancer, nodes)
        site = f"http://{HOST}:{balancer.port}/"
        return Cluster(
            site=site,
            nodes={node.name: node.url for node in nodes},
            balancer=balancer,
            topology=write_topology(workspace.directory, self._description(site, nodes, balancer, redis)),
            secrets=frozenset(planted.values()),
            env={"LAB_REDIS_PASSWORD": planted["password"]},
            stores={"redis": redis},
        )

    def _description(self, site: str, nodes: tuple[Django, ...], balancer: Balancer, redis: Redis) -> dict[str, Any]:
        url = SESSIONS.format(password="${LAB_REDIS_PASSWORD}", redis=redis.port)
        stores = [{"name": "sessions", "kind": "redis", "url": url}] if self.mode == "external" else []
        store = {"store": "sessions"} if stores else {}
        resolve = {HOST: ["127.0.0.1"]}
        return {
            "site": {
                "url": site,
                "resolve": resolve,
                "mode": self.mode,
                "idle_timeout": "30m",
                "flow": self.flow,
                **self.site,
            },
            "load_balancers": [described(balancer)],
            "nodes": [{"name": node.name, "url": node.url, "headers": {"Host": HOST}, **store} for node in nodes],
            "stores": stores,
        }


SCENARIOS = (
    Scenario(
        name="django-healthy",
        build=DjangoShop(HAProxy()),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own, proofs.login_survives, proofs.form_is_taken),
    ),
    Scenario(
        # Two weeks from the last change: far beyond the idle timeout, though reading does not extend it.
        name="django-healthy-defaults",
        build=DjangoShop(Nginx(), nodes=every(age=1209600, sliding=False)),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        # Only a login depends on the key; see django-signing-secret-mismatch-login.
        name="django-healthy-secrets-differ",
        build=DjangoShop(Nginx(), nodes=last(secret="{other_secret}")),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="django-healthy-signed-cookies",
        build=DjangoShop(Nginx(), nodes=IN_COOKIES, mode="client-side"),
        proofs=(proofs.state_survives, proofs.nodes_keep_their_own),
    ),
    Scenario(
        name="django-healthy-login",
        build=DjangoShop(Nginx(), flow=MEMBERS),
        proofs=(proofs.login_survives,),
    ),
    Scenario(
        name="django-healthy-forms",
        build=DjangoShop(HAProxy(), flow=PAYING),
        proofs=(proofs.state_survives, proofs.form_is_taken),
    ),
    Scenario(
        name="django-csrf-state-not-shared",
        build=DjangoShop(HAProxy(), nodes=every(csrf="local"), flow=PAYING),
        proofs=(proofs.state_survives, proofs.form_is_rejected),
        cause="csrf-state-not-shared",
    ),
    Scenario(
        # Django's cookies are SameSite=Lax.
        name="django-samesite-blocks-cross-site",
        build=DjangoShop(Nginx(), site={"cross_site": [{"from": "https://idp.example", "kind": "post"}]}),
        proofs=(proofs.state_survives, proofs.cookies_are("SameSite=Lax")),
        cause="samesite-blocks-cross-site",
    ),
    Scenario(
        name="django-signing-secret-mismatch-login",
        build=DjangoShop(HAProxy(), nodes=last(secret="{other_secret}"), flow=MEMBERS),
        proofs=(proofs.state_survives, proofs.login_is_lost),
        cause="signing-secret-mismatch",
        # Which node it is cannot be told each time: of one login a node, Django ends most.
    ),
    Scenario(
        name="django-signing-secret-mismatch-cookies",
        build=DjangoShop(
            HAProxy(), nodes=(*IN_COOKIES[:2], replace(IN_COOKIES[2], secret="{other_secret}")), mode="client-side"
        ),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="signing-secret-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="django-node-local-store",
        build=DjangoShop(Nginx(), nodes=every(store_url=MEMORY)),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="node-local-store",
    ),
    Scenario(
        name="django-key-prefix-mismatch",
        build=DjangoShop(HAProxy(), nodes=last(prefix="checkout")),
        proofs=(proofs.state_is_lost, proofs.nodes_keep_their_own),
        cause="key-prefix-mismatch",
        where=("app3",),
    ),
    Scenario(
        name="django-ttl-not-refreshed",
        build=DjangoShop(HAProxy(), nodes=every(sliding=False)),
        proofs=(
            proofs.state_survives,
            proofs.reading_does_not_extend("shop:*"),
        ),
        cause="ttl-not-refreshed",
        where=("sessions",),
    ),
    Scenario(
        name="django-cookie-domain-mismatch",
        build=DjangoShop(Nginx(), nodes=every(cookie_domain="shop.internal")),
        proofs=(proofs.state_is_lost, proofs.no_cookie_is_kept),
        cause="cookie-domain-mismatch",
    ),
    Scenario(
        name="django-cookie-path-mismatch",
        build=DjangoShop(HAProxy(), nodes=every(cookie_path="/shop")),
        proofs=(proofs.state_is_lost,),
        cause="cookie-path-mismatch",
    ),
    Scenario(
        name="django-samesite-none-without-secure",
        build=DjangoShop(Nginx(), nodes=every(same_site="None")),
        proofs=(proofs.state_is_lost, proofs.no_cookie_is_kept),
        cause="samesite-none-without-secure",
    ),
)
