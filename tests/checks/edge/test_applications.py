"""Checks of configuration files of applications and stores: family edge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.topology.model import Site, Topology
from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

LOOP = topology(symptoms=("login-loop",))
EXPRESS = "app.use(session({ secret: 's', store, resave: false, cookie: { %s } }))\n"
TRUST = "app.set('trust proxy', 1)\n"
DJANGO = "SESSION_ENGINE = 'django.contrib.sessions.backends.db'\nSESSION_COOKIE_SECURE = True\n"
HEADER = "SECURE_PROXY_SSL_HEADER = ('HTTP_X_FORWARDED_PROTO', 'https')\n"
TLS = "server {\n  listen 443 ssl;\n  server_name shop.test;\n  location / { proxy_pass http://a; }\n}\n"
FLASK = "SESSION_TYPE = 'redis'\nSESSION_COOKIE_DOMAIN = '%s'\n"
NODE_PORT = "kind: Service\napiVersion: v1\nspec: {type: NodePort}\n"

CASES = [
    case("secure-cookie-without-trust", FAIL, configs(EXPRESS % "secure: true"), LOOP, says="trust proxy"),
    case("secure-cookie-without-trust", FAIL, configs(EXPRESS % "secure: true", TLS), topology()),
    case("secure-cookie-without-trust", UNSURE, configs(EXPRESS % "secure: true"), Topology(site=Site(""))),
    case("secure-cookie-without-trust", PASS, configs(TRUST + EXPRESS % "secure: true"), LOOP),
    case("secure-cookie-without-trust", NOT, configs(EXPRESS % "secure: false"), LOOP),
    case("origin-check-without-trust", FAIL, configs(DJANGO, TLS), topology(), says="SECURE_PROXY_SSL_HEADER"),
    case("origin-check-without-trust", UNSURE, configs(DJANGO), topology()),
    case("origin-check-without-trust", PASS, configs(DJANGO + HEADER, TLS), topology()),
    case("origin-check-without-trust", NOT, configs(EXPRESS % "secure: true"), topology()),
    case("samesite-none-insecure", FAIL, configs(EXPRESS % "sameSite: 'none'"), says="configured"),
    case("samesite-none-insecure", PASS, configs(EXPRESS % "sameSite: 'none', secure: true")),
    case("samesite-none-insecure", NOT, configs(TLS)),
    case("configured-cookie-misses-site", FAIL, configs(FLASK % ".other.test", TLS), topology(), says="other.test"),
    case("configured-cookie-misses-site", PASS, configs(FLASK % ".shop.test", TLS), topology()),
    case("configured-cookie-misses-site", NOT, configs(EXPRESS % "secure: true", TLS), topology()),
    case("secure-cookie-on-plain-site", FAIL, configs(DJANGO, NODE_PORT), Topology(site=Site(""), symptoms=("login-loop",)), says="plain http"),
    case("secure-cookie-on-plain-site", PASS, configs(DJANGO, TLS), Topology(site=Site(""))),
    case("secure-cookie-on-plain-site", UNSURE, configs(DJANGO), Topology(site=Site(""))),
    case("secure-cookie-on-plain-site", NOT, configs(TLS), Topology(site=Site(""))),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
