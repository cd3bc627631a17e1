"""Checks over configuration of edge, keys, store and application."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

LOOP = topology(symptoms=("login-loop",))
TLS = "server {\n  listen 443 ssl;\n  location / {\n    proxy_pass http://app;\n"
PLAIN = "server {\n  listen 80;\n  location / {\n    proxy_pass http://app;\n"
END = "  }\n}\n"
PROTO = "    proxy_set_header X-Forwarded-Proto $scheme;\n"
HOST = "    proxy_set_header Host $host;\n"
CACHE = "    proxy_cache pages;\n"
DATABASE = "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: db}\nspec: {replicas: %s, template: {spec: {containers: [{image: 'postgres:16'}]}}}\n"
PMA = "services:\n  pma:\n    image: phpmyadmin:5\n%s"
FILES = "services:\n  shop:\n    image: shop\n    environment: {SESSION_DRIVER: file}\n%s"

CASES = [
    case("forwarded-proto-unset", FAIL, configs(TLS + END), LOOP, says="X-Forwarded-Proto is not set"),
    case("forwarded-proto-unset", UNSURE, configs(TLS + END), topology()),
    case("forwarded-proto-unset", PASS, configs(TLS + PROTO + END), LOOP),
    case("forwarded-proto-unset", NOT, configs(PLAIN + END), LOOP),
    case("forwarded-proto-unset", NOT, configs(TLS), LOOP),
    case(
        "forwarded-origin-wrong", FAIL, configs(TLS + "proxy_set_header X-Forwarded-Host $host:$server_port;\n" + END)
    ),
    case(
        "forwarded-origin-wrong",
        FAIL,
        configs(TLS + "proxy_set_header X-Forwarded-Proto http;\n" + END),
        says="http where TLS",
    ),
    case("forwarded-origin-wrong", PASS, configs(TLS + PROTO + END)),
    case("forwarded-origin-wrong", PASS, configs(PLAIN + PROTO + END)),
    case("forwarded-origin-wrong", NOT, configs(TLS + END)),
    case("host-replaced-by-proxy", FAIL, configs(TLS + END), LOOP, says="'app'"),
    case("host-replaced-by-proxy", PASS, configs(TLS + HOST + END), LOOP),
    case("host-replaced-by-proxy", UNSURE, configs(TLS + END), topology()),
    case("host-replaced-by-proxy", NOT, configs("proxy_pass http://app;\n"), LOOP),
    case("cache-keeps-cookies", FAIL, configs(TLS + CACHE + "    proxy_ignore_headers Set-Cookie;\n" + END)),
    case("cache-keeps-cookies", PASS, configs(TLS + CACHE + END)),
    case(
        "cache-keeps-cookies",
        PASS,
        configs(TLS + CACHE + "proxy_ignore_headers Set-Cookie; proxy_hide_header Set-Cookie;\n" + END),
    ),
    case("cache-keeps-cookies", NOT, configs(TLS + END)),
    case("set-cookie-hidden", FAIL, configs(TLS + "    proxy_hide_header Set-Cookie;\n" + END)),
    case(
        "set-cookie-hidden",
        FAIL,
        configs(TLS + '    proxy_set_header Cookie "";\n' + END),
        says="removed from requests",
    ),
    case("set-cookie-hidden", PASS, configs(TLS + HOST + END)),
    case("set-cookie-hidden", PASS, configs(TLS + CACHE + "    proxy_hide_header Set-Cookie;\n" + END)),
    case("set-cookie-hidden", NOT, configs("ip_hash;\n")),
    case("database-replicas-apart", FAIL, configs(DATABASE % 3), says="db has 3"),
    case("database-replicas-apart", PASS, configs(DATABASE % 1)),
    case("database-replicas-apart", PASS, configs((DATABASE % 3).replace("Deployment", "StatefulSet"))),
    case("database-replicas-apart", NOT, configs((DATABASE % 3).replace("postgres", "shop"))),
    case("secret-made-at-start", FAIL, configs(PMA % ""), says="PMA_BLOWFISH_SECRET"),
    case("secret-made-at-start", PASS, configs("SESSION_SECRET=abcdefgh\nA=1\n")),
    case(
        "secret-made-at-start", NOT, configs(PMA % "    volumes: ['./c.php:/etc/phpmyadmin/config.secret.inc.php']\n")
    ),
    case("secret-made-at-start", NOT, configs(PMA % "    env_file: .env\n")),
    case(
        "state-in-ephemeral-compute",
        FAIL,
        configs(FILES % "    volumes: [/app/storage/framework/sessions]\n"),
        says="files of shop",
    ),
    case("state-in-ephemeral-compute", PASS, configs(FILES % "    volumes: ['s:/app/storage/framework/sessions']\n")),
    case("state-in-ephemeral-compute", NOT, configs((FILES % "").replace("file}", "redis}"))),
]


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
