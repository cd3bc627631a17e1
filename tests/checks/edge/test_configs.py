"""Checks of configuration files: family edge."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.topology.steps import Flow, Step
from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.configs import CACHE, END, HOST, LOOP, PLAIN, PROTO, TLS
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

ACCOUNT = replace(
    topology(),
    site=replace(topology().site, flow=Flow(logged_in=(Step("/account"),), write=(Step("/", method="POST"),))),
)
HOME = replace(ACCOUNT, site=replace(ACCOUNT.site, flow=Flow(logged_in=(Step("/home"),))))
KEPT = """
  server { listen 80; location = /account { proxy_pass http://app; proxy_cache pages; proxy_cache_valid 200 10m;
    proxy_ignore_headers Cache-Control Expires; } }
"""
POLICY = "cachePolicy: {parametersInCacheKey: {queryStrings: all, cookies: none}}\n"
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
    case("cached-though-forbidden", FAIL, configs(KEPT), ACCOUNT, says="/account is kept"),
    case("cached-though-forbidden", PASS, configs(TLS + CACHE + END), ACCOUNT),
    case("cached-though-forbidden", PASS, configs(KEPT), HOME),
    case("cached-though-forbidden", NOT, configs(KEPT), topology()),
    case("cached-though-forbidden", NOT, configs(TLS + END), ACCOUNT),
    case("cache-key-lacks-cookies", FAIL, configs(POLICY), topology(symptoms=("other-users-data",))),
    case("cache-key-lacks-cookies", NOT, configs(POLICY), topology()),
    case("cache-key-lacks-cookies", NOT, configs(TLS + END), topology(symptoms=("other-users-data",))),
    case("cache-key-lacks-cookies", PASS, configs(POLICY.replace("none", "all")), topology(symptoms=("other-users-data",))),
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
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
