"""Each format: what a small file of it says."""

from __future__ import annotations

from typing import Any

import pytest

from sessiondoctor.configs.recognition import best
from tests.configs.build import configs

Read = tuple[str, str, str, dict[str, Any]]

# format, text, kind of fact, what its first one says
READS: list[Read] = [
    (
        "nginx",
        "upstream app {\n  ip_hash;\n  server a:80 weight=3;\n  server b:80 backup;\n}",
        "affinities",
        {"pool": "app", "by": "address", "how": "hash"},
    ),
    (
        "nginx",
        "upstream app { server a:80; hash $cookie_sid consistent; }",
        "affinities",
        {"by": "app-cookie", "how": "consistent-hash", "key": "$cookie_sid"},
    ),
    (
        "nginx",
        "upstream app { server a:80; sticky cookie SRV expires=1h path=/ httponly; }",
        "affinities",
        {"by": "cookie", "how": "name", "key": "SRV", "life_s": 3600.0},
    ),
    (
        "nginx",
        "upstream app { server a:80; sticky learn create=$upstream_cookie_sid lookup=$cookie_sid zone=z:1m; }",
        "affinities",
        {"by": "app-cookie", "how": "table", "life_s": 600.0},
    ),
    (
        "nginx",
        "server {\n  listen 443 ssl;\n  server_name shop.test;\n  location /a/ {\n    proxy_pass http://app/b/;\n  }\n}",
        "proxies",
        {"host": "shop.test", "path": "/a/", "target": "app", "tls": True, "whole": True},
    ),
    (
        "nginx",
        "server {\n  listen 80;\n  include x.conf;\n  location / { proxy_pass http://app; }\n}",
        "proxies",
        {"whole": False, "tls": False},
    ),
    ("nginx", "split_clients $remote_addr $pool { 80% a; * b; }\nserver { listen 80; }", "rules", {"kind": "weight"}),
    (
        "haproxy",
        "backend app\n  balance source\n  server a 10.0.0.1:80 check\n",
        "affinities",
        {"pool": "app", "by": "address", "how": "hash"},
    ),
    (
        "haproxy",
        "backend app\n  cookie SRV insert indirect nocache maxidle 30m\n  server a 10.0.0.1:80 cookie a check\n",
        "affinities",
        {"by": "cookie", "key": "SRV", "life_s": 1800.0},
    ),
    (
        "haproxy",
        "backend app\n  cookie JSESSIONID prefix nocache\n  server a 10.0.0.1:80 cookie a check\n",
        "affinities",
        {"by": "app-cookie", "how": "name"},
    ),
    (
        "haproxy",
        "defaults\n  balance roundrobin\n  timeout client 30s\nbackend app\n  stick-table type ip size 1m expire 30m peers p\n  stick on src\n",
        "stick_tables",
        {"pool": "app", "key": "src", "peers": "p"},
    ),
    (
        "haproxy",
        "frontend web\n  bind *:443 ssl crt x.pem\n  http-request set-header X-Forwarded-Proto https\n  default_backend app\nbackend app\n  option redispatch\n  server a 10.0.0.1:80 check\n",
        "proxies",
        {"target": "app", "tls": True, "retries": ("redispatch",)},
    ),
    (
        "apache",
        "<Proxy balancer://app>\n  BalancerMember http://a:80 route=app1\n  ProxySet stickysession=JSESSIONID|jsessionid\n</Proxy>",
        "affinities",
        {"pool": "app", "by": "app-cookie", "key": "JSESSIONID|jsessionid"},
    ),
    (
        "apache",
        "<VirtualHost *:443>\n  SSLEngine on\n  ServerName shop.test\n  ProxyPass /app http://b:80/\n</VirtualHost>",
        "proxies",
        {"host": "shop.test", "path": "/app", "target": "b:80", "tls": True, "whole": True},
    ),
    (
        "mod-jk",
        "worker.list=lb\nworker.lb.type=lb\nworker.lb.balance_workers=app1,app2\nworker.app1.host=a\n",
        "affinities",
        {"pool": "lb", "by": "app-cookie", "key": "JSESSIONID"},
    ),
    ("mod-jk", "worker.lb.balance_workers=app1\nworker.lb.sticky_session=false\n", "affinities", {"by": "nothing"}),
    (
        "traefik",
        "http:\n  services:\n    app:\n      loadBalancer:\n        sticky: {cookie: {name: lb, secure: true}}\n        servers: [{url: 'http://a'}, {url: 'http://b'}]\n",
        "affinities",
        {"pool": "app", "by": "cookie", "key": "lb"},
    ),
    (
        "traefik",
        '[http.services.app.loadBalancer.sticky.cookie]\nname = "lb"\n',
        "affinities",
        {"pool": "app", "key": "lb"},
    ),
    (
        "caddy",
        "shop.test {\n  reverse_proxy a:80 b:80 {\n    lb_policy cookie lb secret\n  }\n}\n",
        "affinities",
        {"by": "cookie", "key": "lb", "pool": "a:80 b:80"},
    ),
    (
        "caddy",
        '{"handler": "reverse_proxy", "upstreams": [{"dial": "a:80"}], "load_balancing": {"selection_policy": {"policy": "ip_hash"}}}',
        "affinities",
        {"by": "address"},
    ),
    (
        "envoy",
        "static_resources:\n  clusters:\n  - name: app\n    lb_policy: RING_HASH\n    load_assignment: {endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: a, port_value: 80}}}}]}]}\n    outlier_detection: {}\n",
        "ejections",
        {"pool": "app"},
    ),
    (
        "envoy",
        "routes:\n- match: {prefix: /}\n  route: {cluster: app, hash_policy: [{cookie: {name: lb, ttl: 3600s}}]}\n",
        "affinities",
        {"pool": "app", "by": "cookie", "life_s": 3600.0},
    ),
    (
        "terraform",
        'resource "aws_lb_target_group" "app" {\n  deregistration_delay = 0\n  stickiness {\n    enabled = true\n    type = "lb_cookie"\n    cookie_duration = 600\n  }\n}\n',
        "affinities",
        {"pool": "app", "by": "cookie", "life_s": 600.0},
    ),
    (
        "terraform",
        'resource "google_compute_backend_service" "app" {\n  session_affinity = "CLIENT_IP"\n}\n',
        "affinities",
        {"by": "address", "product": "gclb"},
    ),
    (
        "aws",
        'Resources:\n  G:\n    Type: AWS::ElasticLoadBalancingV2::TargetGroup\n    Properties:\n      TargetGroupAttributes:\n      - {Key: stickiness.enabled, Value: "true"}\n      - {Key: stickiness.lb_cookie.duration_seconds, Value: "60"}\n',
        "affinities",
        {"by": "cookie", "life_s": 60.0},
    ),
    (
        "compose",
        "services:\n  shop:\n    image: shop\n    deploy: {replicas: 3}\n    labels:\n    - traefik.http.services.shop.loadbalancer.sticky.cookie.name=lb\n",
        "affinities",
        {"pool": "shop", "key": "lb"},
    ),
    (
        "compose",
        "services:\n  shop:\n    image: shop\n    environment:\n    - REDIS_URL=redis://:pw12345@cache:6379/1\n",
        "session_stores",
        {"endpoint": "cache:6379", "database": "1", "role": "unknown"},
    ),
    ("env", "SESSION_DRIVER=redis\nSESSION_LIFETIME=120\nAPP_KEY=base64:AAAA\n", "session_idles", {"seconds": 7200.0}),
    ("env", "SESSION_DRIVER=redis\nSESSION_SECRET=${FROM}\n", "secrets", {"origin": "environment", "print": ""}),
    (
        "helm",
        "replicaCount: 3\nautoscaling: {enabled: true}\nservice: {type: LoadBalancer}\n",
        "workloads",
        {"replicas": 3, "autoscaled": True},
    ),
    ("apisix", "upstream: {type: chash, key: remote_addr, nodes: {'a:80': 1}}", "affinities", {"by": "address"}),
    (
        "kubernetes",
        "kind: BackendConfig\napiVersion: cloud.google.com/v1\nspec: {sessionAffinity: {affinityType: GENERATED_COOKIE, affinityCookieTtlSec: 50}}\n",
        "affinities",
        {"by": "cookie", "product": "gclb", "life_s": 50.0},
    ),
    (
        "kubernetes",
        "kind: HTTPProxy\napiVersion: projectcontour.io/v1\nspec: {routes: [{services: [{name: s}], loadBalancerPolicy: {strategy: Cookie}}]}\n",
        "affinities",
        {"pool": "s", "product": "contour"},
    ),
    (
        "kubernetes",
        "kind: IngressRoute\napiVersion: traefik.io/v1alpha1\nspec: {routes: [{services: [{name: s, sticky: {cookie: {name: lb}}}]}]}\n",
        "affinities",
        {"pool": "s", "key": "lb"},
    ),
    (
        "kubernetes",
        '{"kind": "List", "apiVersion": "v1", "items": [{"kind": "Service", "metadata": {"name": "s"}, "spec": {"sessionAffinity": "ClientIP"}}]}',
        "affinities",
        {"pool": "s", "life_s": 10800.0},
    ),
    (
        "kubernetes",
        "kind: Service\napiVersion: v1\nmetadata:\n  name: s\n  annotations:\n    traefik.ingress.kubernetes.io/service.sticky.cookie: 'true'\n",
        "affinities",
        {"pool": "s", "product": "traefik"},
    ),
]


@pytest.mark.parametrize("case", READS, ids=[f"{case[0]}-{number}" for number, case in enumerate(READS)])
def test_what_a_file_says(case: Read) -> None:
    """Recognised by content alone, and read."""
    format_, text, kind, expected = case
    found = configs(text)
    assert [file.format for file in found.files] == [format_]
    first = getattr(found, kind)[0]
    assert {name: getattr(first, name) for name in expected} == expected
    assert first.at.line >= 1


def test_a_password_stands_nowhere() -> None:
    """Neither of a store's URL nor of a secret."""
    found = configs(
        "services:\n  shop:\n    image: shop\n    environment: {REDIS_URL: 'redis://u:pw12345@c:1/0', SESSION_SECRET: pw98765}\n"
    )
    assert "pw12345" not in repr(found)
    assert "pw98765" not in repr(found)


def test_a_config_map_holds_a_whole_file() -> None:
    """Read by the reader of what it is, with the manifest's lines."""
    text = """
        kind: ConfigMap
        apiVersion: v1
        data:
          nginx.conf: |
            upstream app {
              ip_hash;
              server a:80;
            }
    """
    (affinity,) = configs(text).affinities
    assert (affinity.format, affinity.at.line) == ("nginx", 6)


def test_a_parameter_of_the_url_may_keep_clients() -> None:
    """It may be the session's id; the whole URL is none."""
    haproxy = "backend a\n  balance url_param {}\n  server a 10.0.0.1:80\n  server b 10.0.0.2:80\n"
    assert configs(haproxy.format("sid")).affinities[0].by == "other"
    assert configs(haproxy.replace("url_param {}", "uri")).affinities[0].by == "url"
    assert configs("upstream a {\n  hash $arg_sid;\n  server b;\n}\n").affinities[0].by == "other"


def test_streams_of_nginx_are_no_sites() -> None:
    """What passes TCP or UDP has no requests; an HTTP pool beside it is read."""
    text = "stream { upstream db { server a:1; server b:1; } server { listen 1; proxy_pass db; } }\n"
    assert not configs(text).pools
    assert not configs(text).proxies
    beside = configs(text + "http { upstream app { server a:80; } }\n")
    assert [pool.name for pool in beside.pools] == ["app"]


def test_a_script_that_starts_a_container_is_read() -> None:
    """By its name; another script may quote anything."""
    made = "export SECRET_KEY=$(openssl rand -hex 32)\nexec gunicorn app:app\n"
    assert best("docker/entrypoint.sh", made) == ("start-up", 62)
    assert best("tools/install.sh", made) is None
