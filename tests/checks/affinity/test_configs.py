"""Checks of configuration files: family affinity."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.configs.application import Route, SessionCookie
from sessiondoctor.evidence.configs.deployment import Workload
from sessiondoctor.evidence.configs.fact import CookieRule
from tests.checks.build import topology, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.configs_affinity import (
    ALB,
    APACHE,
    AUTH,
    BEHIND,
    DEPLOYMENT,
    HERE,
    JVM,
    LOST,
    MEMBERS,
    NGINX,
    NODES,
    PINNED,
    POOL,
    PROXY,
    RING,
    SCALED,
    SERVER,
    SERVICE,
    SHARED,
    STICKY,
    STICKY_SITE,
    STUCK,
    TABLE,
    WEIGHTS,
    ingress,
)
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

STATEFUL = """{"static_resources": {"clusters": [{"name": "shop", "lb_policy": "ROUND_ROBIN", "load_assignment":
 {"endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"socket_address": {"address": "a", "port_value": 80}}}},
 {"endpoint": {"address": {"socket_address": {"address": "b", "port_value": 80}}}}]}]}}], "filters":
 {"http_filters": [{"typed_config": {"session_state": {"typed_config": {"cookie": {"name": "lb", "path": "/"}}}}}]}}}"""
"""Envoy's filter of stateful sessions, which names no cluster."""

WEIGHTED = """http:
  services:
    both: {weighted: {services: [{name: one, weight: 1}, {name: two, weight: 3}]}}
    one: {loadBalancer: {servers: [{url: "http://a"}]}}
    two: {loadBalancer: {servers: [{url: "http://b"}]}}
"""
CASES = [
    case(
        "affinity-setting-ineffective", FAIL, configs(f"{ALB}: stickness.enabled=true\n"), says="stickiness.enabled is"
    ),
    case("affinity-setting-ineffective", FAIL, configs(f"{NGINX}/afinity: cookie\n"), says="afinity"),
    case("affinity-setting-ineffective", FAIL, configs(f"{NGINX}/affinity: cookies\n"), says="must be cookie"),
    case("affinity-setting-ineffective", FAIL, configs(ingress(klass="traefik")), says="ingress-nginx"),
    case("affinity-setting-ineffective", PASS, configs(ingress())),
    case("affinity-setting-ineffective", PASS, configs(f"{ALB}: stickiness.enabled=true,stickiness.type=lb_cookie\n")),
    case("affinity-setting-ineffective", NOT, configs("externalTrafficPolicy: Local\n")),
    case("affinity-ingress-without-host", FAIL, configs(ingress(host="")), LOST, says="no host"),
    case("affinity-ingress-without-host", UNSURE, configs(ingress(host="")), topology(), says="0.25"),
    case("affinity-ingress-without-host", PASS, configs(ingress())),
    case("affinity-ingress-without-host", NOT, configs(ingress(annotations=""))),
    case("affinity-directive-unsupported", FAIL, STICKY, LOST, says="not every nginx"),
    case("affinity-directive-unsupported", UNSURE, STICKY, says="1.29.6"),
    case("affinity-directive-unsupported", PASS, replace(STICKY, workloads=(Workload(at=HERE, image="nginx:1.29.7"),))),
    case(
        "affinity-directive-unsupported",
        FAIL,
        replace(STICKY, workloads=(Workload(at=HERE, image="nginx:1.25"),)),
        says="nginx 1.25.0",
    ),
    case("affinity-directive-unsupported", PASS, POOL, says="no given balancer"),
    case("affinity-directive-unsupported", NOT, configs(ingress())),
    case("pool-without-affinity", FAIL, POOL, STICKY_SITE, says="app has several nodes"),
    case("pool-without-affinity", FAIL, POOL, LOST),
    case("pool-without-affinity", FAIL, configs(SERVICE + DEPLOYMENT), LOST, says="shop"),
    case("pool-without-affinity", FAIL, configs("replicaCount: 3\nservice: {type: LoadBalancer}\n"), LOST),
    case("pool-without-affinity", UNSURE, POOL, topology(), says="site.mode"),
    case("pool-without-affinity", PASS, STUCK, STICKY_SITE),
    case("pool-without-affinity", PASS, configs(STATEFUL), STICKY_SITE),
    case("pool-without-affinity", FAIL, configs(STATEFUL.partition("http_filters")[0] + "}"), STICKY_SITE, says="shop has"),
    case("pool-without-affinity", PASS, configs(PINNED + DEPLOYMENT), LOST),
    case("pool-without-affinity", NOT, POOL, SHARED),
    case("pool-without-affinity", NOT, configs("upstream app { server a:80; }\n"), LOST),
    case("pool-without-affinity", NOT, configs("upstream app { server a:80; server b:80;\n"), LOST),
    case("address-affinity-sees-proxies", FAIL, configs(NODES + "ip_hash;\n}\n"), BEHIND, says="ip_hash"),
    case("address-affinity-sees-proxies", UNSURE, configs(NODES + "ip_hash;\n}\n"), topology()),
    case(
        "address-affinity-sees-proxies",
        PASS,
        configs("set_real_ip_from 10.0.0.0/8;\n" + NODES + "ip_hash;\n}\n"),
        BEHIND,
    ),
    case("address-affinity-sees-proxies", NOT, STUCK, BEHIND),
    case("service-affinity-by-address", FAIL, configs(PINNED), says="Cluster"),
    case(
        "service-affinity-by-address",
        FAIL,
        configs(PINNED.replace("LoadBalancer", "ClusterIP"), ingress(annotations="")),
        says="Ingress",
    ),
    case("service-affinity-by-address", PASS, configs(PINNED.replace("type:", "externalTrafficPolicy: Local, type:"))),
    case("service-affinity-by-address", PASS, configs(PINNED.replace("LoadBalancer", "ClusterIP"))),
    case("service-affinity-by-address", UNSURE, configs("sessionAffinity: ClientIP\n")),
    case("service-affinity-by-address", NOT, configs(SERVICE)),
    case("affinity-moves-on-scale", FAIL, configs(RING + SCALED), topology(), says="consistentHash"),
    case("affinity-moves-on-scale", UNSURE, configs(RING), topology()),
    case("affinity-moves-on-scale", PASS, STUCK, STICKY_SITE),
    case("affinity-moves-on-scale", NOT, configs(RING + SCALED), SHARED),
    case("affinity-ring-per-proxy", FAIL, configs(RING + "  outlierDetection: {consecutive5xxErrors: 5}\n")),
    case("affinity-ring-per-proxy", PASS, configs(RING)),
    case("affinity-ring-per-proxy", NOT, STUCK),
    case("stick-table-without-peers", FAIL, configs(TABLE.format(""), TABLE.format("")), says="no peers"),
    case("stick-table-without-peers", PASS, configs(TABLE.format(" peers p"), TABLE.format(" peers p"))),
    case("stick-table-without-peers", NOT, configs(TABLE.format("")), topology()),
    case("weights-before-affinity", FAIL, configs(WEIGHTS, RING), says="shop/a and shop/b"),
    case(
        "weights-before-affinity",
        PASS,
        configs(
            "kind: TraefikService\napiVersion: x\nspec: {weighted: {sticky: {cookie: {}}, services: [{name: a, weight: 1}, {name: b, weight: 1}]}}\n"
        ),
        LOST,
    ),
    case("weights-before-affinity", NOT, configs(WEIGHTS), topology()),
    case("weights-before-affinity", NOT, configs(WEIGHTED), topology(symptoms=("state-flaps",)), says="no given file"),
    case(
        "affinity-cookie-named-like-session",
        FAIL,
        configs(f"{NGINX}/affinity: cookie\n{NGINX}/session-cookie-name: JSESSIONID\n"),
        says="JSESSIONID",
    ),
    case("affinity-cookie-named-like-session", PASS, configs(ingress())),
    case("affinity-cookie-named-like-session", NOT, POOL),
    case("affinity-by-session-cookie", FAIL, configs(NODES + "hash $cookie_PHPSESSID consistent;\n}\n"), topology()),
    case(
        "affinity-by-session-cookie",
        PASS,
        configs(PROXY.format("  stick store-response res.cook(sid)\n  stick match req.cook(sid)\n")),
        topology(),
    ),
    case("affinity-by-session-cookie", NOT, STUCK, topology()),
    case("affinity-by-session-cookie", NOT, configs(NODES + "hash $cookie_PHPSESSID consistent;\n}\n"), SHARED),
    case(
        "affinity-ends-before-session",
        FAIL,
        configs(NODES + "sticky cookie SRV expires=5m;\n}\n"),
        STICKY_SITE,
        says="300 s",
    ),
    case("affinity-ends-before-session", PASS, configs(NODES + "sticky cookie SRV expires=2h;\n}\n"), STICKY_SITE),
    case(
        "affinity-ends-before-session",
        UNSURE,
        configs(NODES + "sticky cookie SRV expires=5m;\n}\n"),
        topology("sticky", idle=None),
    ),
    case("affinity-ends-before-session", NOT, STUCK, STICKY_SITE),
    case(
        "affinity-ends-at-host",
        FAIL,
        configs("alb.ingress.kubernetes.io/target-type: instance\n" + f"{ALB}: stickiness.enabled=true\n"),
    ),
    case(
        "affinity-ends-at-host",
        PASS,
        configs("alb.ingress.kubernetes.io/target-type: ip\n" + f"{ALB}: stickiness.enabled=true\n"),
    ),
    case("affinity-ends-at-host", NOT, STUCK),
    case(
        "requests-retried-elsewhere",
        FAIL,
        configs("proxy_next_upstream error http_500 non_idempotent;\nproxy_pass http://app;\n"),
        topology(),
    ),
    case(
        "requests-retried-elsewhere",
        PASS,
        configs("proxy_next_upstream error timeout;\nproxy_pass http://app;\n"),
        topology(),
    ),
    case("requests-retried-elsewhere", NOT, configs(SERVER), topology()),
    case(
        "no-time-to-drain",
        FAIL,
        configs(f"{ALB}: deregistration_delay.timeout_seconds=0\n"),
        says="deregistration_delay",
    ),
    case("no-time-to-drain", PASS, configs(f"{ALB}: deregistration_delay.timeout_seconds=30\n")),
    case("no-time-to-drain", NOT, STUCK),
    case("auth-subrequest-unsticky", FAIL, configs(AUTH), LOST, says="outpost.auth"),
    case("auth-subrequest-unsticky", UNSURE, configs(AUTH), topology()),
    case(
        "auth-subrequest-unsticky",
        PASS,
        configs(AUTH, "services:\n  outpost:\n    image: outpost\n    ports: [9000]\n"),
        LOST,
    ),
    case("auth-subrequest-unsticky", NOT, configs(SERVER), LOST),
    case("client-address-not-restored", FAIL, configs(SERVER), BEHIND),
    case("client-address-not-restored", PASS, configs("set_real_ip_from 10.0.0.0/8;\n" + SERVER), BEHIND),
    case("client-address-not-restored", NOT, configs(SERVER), topology()),
    case("configured-routes-alike", FAIL, configs(MEMBERS.format("app1", "JSESSIONID")), says="'app1'"),
    case("configured-routes-alike", PASS, APACHE),
    case("configured-routes-alike", NOT, POOL),
    case(
        "configured-route-unknown",
        FAIL,
        replace(JVM, routes=(Route(at=HERE, owner="app1", route="App1"),)),
        says="app1, app2",
    ),
    case(
        "configured-route-unknown",
        FAIL,
        replace(JVM, routes=(*JVM.routes, Route(at=HERE, owner="b", route="app1"))),
        says="also",
    ),
    case("configured-route-unknown", PASS, JVM),
    case("configured-route-unknown", NOT, APACHE),
    case("configured-cookie-unset", FAIL, configs(MEMBERS.format("app2", "jsessionid")), says="JSESSIONID"),
    case(
        "configured-cookie-unset",
        FAIL,
        replace(APACHE, session_cookies=(SessionCookie(at=HERE, cookie=CookieRule("SESSION")),)),
        says="SESSION",
    ),
    case("configured-cookie-unset", PASS, APACHE),
    case("configured-cookie-unset", NOT, POOL),
    case("configured-cookie-not-issued", FAIL, STUCK, visits(), says="SRV"),
    case("configured-cookie-not-issued", PASS, STUCK, visits(affinity_cookies=("SRV",))),
    case("configured-cookie-not-issued", NOT, POOL, visits()),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)
