"""What chance chooses from: stacks with their stores, balancers, faults, decoys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.lab.cluster import FLOW, PAYING, Balancer
from tests.lab.servers.apache import Apache
from tests.lab.servers.caddy import Caddy
from tests.lab.servers.django import Django
from tests.lab.servers.envoy import Envoy
from tests.lab.servers.express import Express
from tests.lab.servers.flask import Flask
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.php import Php
from tests.lab.servers.tomcat import Tomcat
from tests.lab.servers.traefik import Traefik

Node = Express | Flask | Django | Php | Tomcat
Place = Literal["one", "some", "all"]

# Names in braces are filled in when the ports and secrets of a run are known; {own} is another one for each node.
REDIS = "redis://:{password}@127.0.0.1:{redis}"
PHP_REDIS = "tcp://127.0.0.1:{redis}?auth={password}"
HOST = "shop.lab.test"
"""A name that only the topology file resolves."""

STACKS: Mapping[str, Node] = {
    "express-redis": Express("", store_url=f"{REDIS}/0", secret="{secret}"),
    "express-cookie": Express("", store_url="cookie", secret="{secret}"),
    "express-memory": Express("", secret="{secret}"),
    "flask-cookie": Flask("", secret="{secret}"),
    "django-redis": Django("", store_url=f"{REDIS}/0", secret="{secret}"),
    "django-cookie": Django("", engine="signed_cookies", secret="{secret}"),
    "django-files": Django("", engine="file", secret="{secret}"),
    "php-redis": Php("", save_path=PHP_REDIS),
    "php-files": Php(""),
    "tomcat-memory": Tomcat(""),
}
"""A framework and where it keeps sessions."""

LOCAL = frozenset({"express-memory", "django-files", "php-files", "tomcat-memory"})
IN_REDIS = frozenset({"express-redis", "django-redis", "php-redis"})
IN_COOKIES = frozenset({"express-cookie", "flask-cookie", "django-cookie"})
SHARED = IN_REDIS | IN_COOKIES

PLAIN_BALANCERS: tuple[Balancer, ...] = (
    HAProxy(), HAProxy(), Nginx(), Nginx(), Nginx(method="least_conn"), Caddy(), Caddy(affinity="round_robin"),
    Apache(sticky=""), Envoy(), Traefik(),
)  # fmt: skip
"""They keep nobody on a node; what most sites have is there twice."""

KEEPING_BALANCERS: tuple[Balancer, ...] = (
    HAProxy(affinity="insert"), HAProxy(affinity="insert"), HAProxy(affinity="source"), Nginx(method="ip_hash"),
    Caddy(affinity="cookie", secret="a-secret-of-caddy"), Caddy(affinity="ip_hash"), Envoy(affinity="cookie"),
    Traefik(affinity="cookie"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that can be wrong.

    Attributes:
        causes: those that name it; the first one's family is the fault's.
        stacks: where it can be.
        changes: what differs at the faulty nodes, by stack, or for all of them as `*`.
        places: which nodes may have it.
        flow: how the site is used where that matters.
        after_s: how long a session is idle before it is lost; 0 where it is lost at once.
        least: how many nodes there must be.
        alone: whether each node alone keeps its sessions.
        form: whether what is lost is a form, and not the cart.
        in_workers: whether it is between the processes of one node.
        edges: the balancers that have it, by stack, or for all of them as `*`; none where it is in the nodes.
        front: the text of a proxy before the balancer (servers/front.py), where the fault needs one.
        tls: whether the site is https.
        waits: whether it shows only at times.
    """

    name: str
    causes: tuple[str, ...]
    stacks: frozenset[str]
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    places: tuple[Place, ...] = ("one", "some")
    flow: Mapping[str, Any] = field(default_factory=lambda: FLOW)
    after_s: float = 0.0
    least: int = 2
    alone: bool = True
    form: bool = False
    in_workers: bool = False
    edges: Mapping[str, tuple[Balancer, ...]] = field(default_factory=dict)
    front: str = ""
    tls: bool = False
    waits: bool = False

    def changed(self, stack: str) -> Mapping[str, Any]:
        """What differs at a faulty node of that stack."""
        return self.changes.get(stack, self.changes.get("*", {}))

    def balancers(self, stack: str) -> tuple[Balancer, ...]:
        """Those that have it in front of that stack."""
        return self.edges.get(stack, self.edges.get("*", ()))


def _everywhere(**changes: Any) -> Mapping[str, Mapping[str, Any]]:
    return {"*": changes}


SIGNED = frozenset({"express-redis", *IN_COOKIES})
FAULTS: tuple[Fault, ...] = (
    Fault("unshared", ("lb-no-affinity", "node-local-store"), LOCAL, places=("all",)),
    Fault(
        "one-keeps-its-own",
        ("node-local-store", "store-endpoint-divergence", "config-drift-one-node"),
        IN_REDIS,
        {"express-redis": {"store_url": ""}, "django-redis": {"engine": "file"}, "php-redis": {"save_path": ""}},
        places=("one",),
    ),
    Fault("secrets-differ", ("signing-secret-mismatch",), SIGNED, _everywhere(secret="{other_secret}")),
    Fault(
        "secret-of-each-node",
        ("secret-regenerated-at-boot", "signing-secret-mismatch"),
        SIGNED,
        _everywhere(secret="{own}"),
        places=("all",),
    ),
    Fault(
        "secret-of-each-worker",
        ("secret-regenerated-at-boot",),
        frozenset({"flask-cookie"}),
        _everywhere(secret="", workers=4),
        places=("all",),
        least=1,
        alone=False,
        in_workers=True,
    ),
    Fault(
        "prefixes-differ",
        ("key-prefix-mismatch",),
        IN_REDIS,
        {
            "express-redis": {"prefix": "shop:"},
            "django-redis": {"prefix": "checkout"},
            "php-redis": {"save_path": f"{PHP_REDIS}&prefix=checkout:"},
        },
    ),
    Fault(
        "databases-differ",
        ("store-endpoint-divergence",),
        IN_REDIS,
        {
            "express-redis": {"store_url": f"{REDIS}/1"},
            "django-redis": {"store_url": f"{REDIS}/1"},
            "php-redis": {"save_path": f"{PHP_REDIS}&database=1"},
        },
    ),
    Fault(
        "sessions-live-short",
        ("ttl-shorter-than-idle",),
        IN_REDIS,
        {
            "express-redis": {"ttl": 8},
            "django-redis": {"age": 8, "browser_session": True},
            "php-redis": {"lifetime": 8},
        },
        places=("all",),
        after_s=9.0,
        least=1,
        alone=False,
    ),
    Fault(
        "formats-differ",
        ("serializer-format-mismatch",),
        frozenset({"php-redis"}),
        _everywhere(serializer="php_serialize"),
        places=("one",),
    ),
    Fault(
        "clock-behind",
        ("clock-skew",),
        frozenset({"express-redis"}),
        _everywhere(clock="-45m", max_age=1800),
        places=("one",),
        alone=False,
    ),
    Fault(
        "tokens-of-each-node",
        ("csrf-state-not-shared",),
        frozenset({"express-redis", "express-cookie", "flask-cookie", "django-redis", "php-redis"}),
        _everywhere(csrf="local"),
        places=("all",),
        flow=PAYING,
        form=True,
    ),
    Fault(
        "cookie-of-another-domain",
        ("cookie-domain-mismatch",),
        frozenset({"flask-cookie", "django-redis", "django-cookie", "php-redis", "php-files"}),
        _everywhere(cookie_domain="other.test"),
        places=("all",),
        least=1,
        alone=False,
    ),
    Fault(
        "cookie-of-another-path",
        ("cookie-path-mismatch",),
        frozenset({"django-redis", "django-cookie", "php-redis", "php-files"}),
        _everywhere(cookie_path="/elsewhere"),
        places=("all",),
        least=1,
        alone=False,
    ),
    Fault(
        "secure-cookie-without-tls",
        ("host-or-scheme-split",),
        frozenset({"flask-cookie", "django-redis", "django-cookie", "php-redis", "php-files"}),
        _everywhere(secure=True),
        places=("all",),
        least=1,
        alone=False,
    ),
    Fault(
        "cookie-too-large",
        ("cookie-too-large", "proxy-header-buffer-overflow"),
        frozenset({"flask-cookie"}),
        _everywhere(ballast=6000),
        places=("all",),
        least=1,
        alone=False,
    ),
)

DECOYS = ("unused-store", "foreign-keys", "kept-by-balancer", "long-lived-cookie")
"""What looks like a fault and is none: a Redis that is declared and that nobody uses; keys without an end in the store;
a balancer that keeps clients though it need not; a session cookie that outlives the browser."""
