"""Faults of what stands before the nodes: balancers, and a proxy in front of them."""

from __future__ import annotations

from tests.lab.draws.parts import FAULTS, LOCAL, SHARED, Fault
from tests.lab.servers.apache import Apache
from tests.lab.servers.caddy import Caddy
from tests.lab.servers.envoy import Envoy
from tests.lab.servers.haproxy import HAProxy
from tests.lab.servers.nginx import Nginx
from tests.lab.servers.traefik import Traefik

SHORT_S = 8
COPIED = {"app1": "s1", "app2": "s1", **{f"app{number}": f"s{number}" for number in range(3, 7)}}
"""The line of the first server was copied, and its cookie was not changed."""

MANY_EXITS = """
  split_clients $request_id $exit { 25% 127.0.1.1; 25% 127.0.1.2; 25% 127.0.2.3; * 127.0.2.4; }
  server { listen 127.0.0.1:$PORT; $PASS location / { proxy_bind $exit; proxy_pass http://$edge; } }
"""
"""How a CDN comes to the origin: from any of its addresses."""

STRIPPED_IN = (
    Caddy(affinity="ip_hash", extra=("header_up -Cookie",)),
    Caddy(affinity="round_robin", extra=("header_up -Cookie",)),
    Envoy(affinity="source", route={"request_headers_to_remove": ["cookie"]}),
    Traefik(headers={"customRequestHeaders": {"Cookie": ""}}),
    Nginx(extra=('proxy_set_header Cookie "";',)),
    Nginx(method="ip_hash", extra=('proxy_set_header Cookie "";',)),
)
STRIPPED_OUT = (
    Caddy(affinity="ip_hash", extra=("header_down -Set-Cookie",)),
    Envoy(route={"response_headers_to_remove": ["set-cookie"]}),
    Traefik(affinity="source", headers={"customResponseHeaders": {"Set-Cookie": ""}}),
    Nginx(extra=("proxy_hide_header Set-Cookie;",)),
)

BALANCERS_FAULTS = (
    Fault(
        "affinity-on-one-path",
        ("affinity-cookie-not-issued", "affinity-cookie-scope"),
        LOCAL,
        places=("all",),
        edges={"*": (Envoy(affinity="cookie", path="/other"),)},
    ),
    Fault(
        "affinity-cookie-kept-back",
        ("affinity-cookie-scope",),
        LOCAL,
        places=("all",),
        edges={"*": (Traefik(affinity="cookie", options={"secure": True}),)},
    ),
    Fault(
        "servers-share-a-cookie",
        ("server-cookie-duplicate",),
        LOCAL,
        places=("all",),
        edges={"*": (HAProxy(affinity="insert", routes=COPIED),)},
    ),
    Fault(
        "follows-a-cookie-that-nobody-sets",
        ("sticky-cookie-name-mismatch",),
        LOCAL,
        places=("all",),
        edges={
            "*": (HAProxy(affinity="cookie-hash"), Apache(sticky="SHOPSESSION")),
            "express-memory": (Apache(sticky="SHOPSESSION"),),
        },
    ),
    Fault(
        "hashes-the-session-cookie",
        ("affinity-key-changes", "lb-no-affinity"),
        LOCAL,
        places=("all",),
        edges={
            "express-memory": (HAProxy(affinity="cookie-hash"),),
            "django-files": (Nginx(method="hash $cookie_sessionid consistent"),),
            "php-files": (Nginx(method="hash $cookie_PHPSESSID consistent"),),
            "tomcat-memory": (Nginx(method="hash $cookie_JSESSIONID consistent"),),
        },
    ),
    Fault(
        "addresses-of-a-proxy",
        ("ip-affinity-behind-proxy",),
        LOCAL,
        places=("all",),
        edges={"*": (HAProxy(affinity="source"), Nginx(method="ip_hash"), Caddy(affinity="ip_hash"))},
        front=MANY_EXITS,
    ),
    Fault(
        "affinity-ends-first",
        ("affinity-expired",),
        LOCAL,
        places=("all",),
        edges={
            "*": (
                HAProxy(affinity="insert", lifetimes=f"maxlife {SHORT_S}s"),
                Traefik(affinity="cookie", options={"maxAge": SHORT_S}),
                Envoy(affinity="cookie", ttl=SHORT_S),
            )
        },
        after_s=SHORT_S + 1.0,
    ),
    Fault("cookies-stripped-on-the-way-in", ("cdn-drops-cookies",), SHARED, places=("all",), edges={"*": STRIPPED_IN}),
    Fault(
        "cookies-stripped-on-the-way-out",
        ("proxy-rewrites-cookie",),
        SHARED,
        places=("all",),
        edges={"*": STRIPPED_OUT},
    ),
    Fault(
        "local-and-stripped-on-the-way-in",
        ("cdn-drops-cookies",),
        LOCAL,
        places=("all",),
        edges={"*": tuple(edge for edge in STRIPPED_IN if isinstance(edge, Caddy | Nginx) and "ip_hash" in str(edge))},
    ),
    Fault(
        "forwarded-scheme-missing",
        ("secure-cookie-behind-tls-offload",),
        frozenset({"express-redis"}),
        {"*": {"secure": True}},
        places=("all",),
        least=1,
        alone=False,
        edges={"*": (HAProxy(forwards_proto=False),)},
        tls=True,
    ),
    Fault(
        "a-node-comes-and-goes",
        ("health-check-flapping",),
        frozenset({"express-memory"}),
        {"*": {"flap_s": 3.0}},
        places=("one",),
        edges={"*": (HAProxy(affinity="insert"),)},
        waits=True,
    ),
)

ALL_FAULTS = (*FAULTS, *BALANCERS_FAULTS)
