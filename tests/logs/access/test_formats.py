"""Lines as the products write them: of real servers in `samples/`, else as their vendors' documentation shows them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.logs.access.counting import count
from sessiondoctor.logs.access.formats import guess, of_log_format

SAMPLES = Path(__file__).parent / "samples"
PLAIN = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent"'
    " $cookie_JSESSIONID $upstream_addr $upstream_status $upstream_response_time"
)
OWN = "$msec|$remote_addr|$request_method $uri|$status|$http_cookie|$upstream_addr|$upstream_response_time|$http_user_agent"
VHOST = r'%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i" worker=%{BALANCER_WORKER_NAME}e %{JSESSIONID}C'
ROUTE = '%h %l %u %t "%r" %>s %b "%{Cookie}i" %{BALANCER_WORKER_ROUTE}e'


def counted(content: bytes, form: str = "", cookie: str = "") -> AccessLog:
    """What the lines show, by a format that is said or guessed."""
    found = of_log_format(form, cookie) if form else guess(content.splitlines(), cookie)
    assert found
    own, duckdb = (
        count([content], found, AccessLog("edge", "access.log"), engine=engine) for engine in ("own", "duckdb")
    )
    assert own == duckdb
    return own


def sample(name: str) -> bytes:
    """Lines that a server wrote."""
    return (SAMPLES / f"{name}.log").read_bytes()


NGINX = {"127.0.0.1:28101", "127.0.0.1:28102"}


@pytest.mark.parametrize(
    ("name", "form", "cookie", "sessions", "nodes", "retried"),
    [
        ("nginx-plain", "", "", 0, NGINX, 1),
        ("nginx-plain", PLAIN, "", 2, NGINX, 1),
        ("nginx-json", "", "", 2, NGINX, 1),
        ("nginx-own", OWN, "JSESSIONID", 2, NGINX, 1),
        ("apache-vhost", "", "", 0, NGINX, 0),
        ("apache-vhost", VHOST, "", 2, NGINX, 0),
        ("apache-route", ROUTE, "JSESSIONID", 2, {"app1", "app2"}, 0),
        ("haproxy", "", "", 2, {"app1", "app2"}, 0),
        ("caddy", "", "", 2, NGINX, 0),
    ],
)
def test_what_servers_write(name: str, form: str, cookie: str, sessions: int, nodes: set[str], retried: int) -> None:
    """Sessions, nodes, statuses, times and addresses of every line."""
    content = sample(name)
    log = counted(content, form, cookie)
    assert log.unread == 0
    assert (log.sessions, set(log.nodes), log.requests_on_several_nodes) == (sessions, nodes, retried)
    assert log.statuses == {"2xx": log.lines}
    assert 1_796_077_600 // 60 <= log.first_at <= 1_796_077_660 // 60


ALB = (
    "https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.{node}:80 0.086 0.048"
    ' 0.037 200 200 0 57 "GET https://www.example.com:443/shop;jsessionid={sid}?x=1 HTTP/1.1" "curl/7.46.0"'
    " ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/t/73e2d6bc24d8a067"
    ' "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "-" 1 2018-07-02T22:22:48.364000Z "forward" "-" "-"'
    ' "10.0.0.1:80" "200" "-" "-"'
)
CLB = (
    "2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.{node}:80 0.000073 0.001048 0.000057 200 200 0 29"
    ' "GET http://www.example.com:80/shop;jsessionid={sid} HTTP/1.1" "curl/7.38.0" - -'
)
ENVOY = (
    '[2016-04-15T20:17:00.310Z] "POST /api/v1/locations HTTP/2" 204 - 154 0 226 100 "10.0.35.28" "nsq2http"'
    ' "cc21d9b0-cf5c-432b-8c7e-98aeb7988cd2" "locations" "tcp://10.0.2.{node}:80" "JSESSIONID={sid}"'
)
ISTIO = (
    '[2020-11-25T21:26:18.409Z] "GET /status/418 HTTP/1.1" 418 - via_upstream - "-" 0 135 4 4 "-" "curl/7.73.0-DEV"'
    ' "84961386-6d84-929d-98bd-c5aee93b5c88" "httpbin:8000" "10.44.1.{node}:80" outbound|8000||httpbin.foo.svc.cluster.local'
    " 10.44.1.23:37652 10.0.45.184:8000 10.44.1.23:46520 - default JSESSIONID={sid}"
)
TRAEFIK = (
    '10.42.0.1 - - [02/Jan/2024:03:04:05 +0000] "GET /cart HTTP/1.1" 200 512 "-" "JSESSIONID={sid}" 7 "shop@docker"'
    ' "http://10.0.0.{node}:8080" 3ms'
)
TRAEFIK_JSON = json.dumps(
    {
        "ClientAddr": "10.42.0.1:54412", "ClientHost": "10.42.0.1", "DownstreamStatus": 200, "OriginStatus": 200, "RequestPath": "/cart",
        "RequestMethod": "GET", "ServiceAddr": "10.0.0.NODE:8080", "ServiceURL": {"Scheme": "http", "Host": "10.0.0.NODE:8080"},
        "StartUTC": "2024-01-02T03:04:05.123456789Z", "request_Cookie": "a=b; JSESSIONID=SID", "level": "info", "time": "2024-01-02T03:04:05Z",
    }
).replace("{", "{{").replace("}", "}}").replace("NODE", "{node}").replace("SID", "{sid}")  # fmt: skip
ENVOY_JSON = (
    '{{"start_time":"2024-01-02T03:04:05.310Z","response_code":200,"path":"/cart","upstream_host":"10.0.0.{node}:8080",'
    '"downstream_remote_address":"10.9.8.7:51000","cookie":"JSESSIONID={sid}"}}'
)
CLOUDFRONT = (
    "2019-12-04\t21:02:31\tLAX1\t392\t192.0.2.100\tGET\td111111abcdef8.cloudfront.net\t/cart/x.html\t200\t-\tMozilla/5.0\t-\t"
    "a=b;%20JSESSIONID={sid};%20c=d\tHit"
)
CLOUDFRONT_HEAD = (
    "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer)"
    " cs(User-Agent) cs-uri-query cs(Cookie) x-edge-result-type\n"
)
IIS_HEAD = (
    "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2024-01-02 03:04:05\n#Fields: date time s-ip"
    " cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Cookie) sc-status sc-substatus time-taken\n"
)
IIS = (
    "2024-01-02 03:04:05 10.0.0.{node} GET /Cart/Default.aspx - 80 - 192.0.2.7 Mozilla/5.0+(X) "
    "lang=en;+ASP.NET_SessionId={sid} 200 0 15"
)
DOCKER = '{{"log":"10.1.1.1 - - [02/Jan/2024:03:04:05 +0000] \\"GET /a HTTP/1.1\\" 200 5 upstream=10.0.0.{node}:80 JSESSIONID={sid}\\n","stream":"stdout","time":"2024-01-02T03:04:05.1Z"}}'
CRI = (
    "2024-01-02T03:04:05.123456789Z stdout F 10.1.1.1 - - [02/Jan/2024:03:04:05 +0000] "
    '"GET /a HTTP/1.1" 200 5 upstream=10.0.0.{node}:80 JSESSIONID={sid}'
)
TOMCAT = '10.1.1.1 - - [02/Jan/2024:03:04:05 +0000] "GET /shop/cart HTTP/1.1" 200 512 {sid}.app{node}'


@pytest.mark.parametrize(
    ("head", "line", "name", "nodes"),
    [
        ("", ALB, "aws-alb", 2),
        ("", CLB, "aws-clb", 2),
        ("", ENVOY, "envoy", 2),
        ("", ISTIO, "envoy", 2),
        ("", ENVOY_JSON, "json", 2),
        ("", TRAEFIK, "common", 2),
        ("", TRAEFIK_JSON, "json", 2),
        (CLOUDFRONT_HEAD, CLOUDFRONT, "cloudfront", 0),
        (IIS_HEAD, IIS, "w3c", 2),
        ("", DOCKER, "common", 2),
        ("", CRI, "common", 2),
    ],
)
def test_what_vendors_document(head: str, line: str, name: str, nodes: int) -> None:
    """Three sessions, one of which met both nodes."""
    met = (("A", 1), ("B", 1), ("A", 2), ("C", 2))
    log = counted((head + "".join(line.format(sid=sid * 16, node=node) + "\n" for sid, node in met)).encode())
    assert (log.format, log.sessions, len(log.nodes), log.lines) == (name, 3, nodes, 4 + head.count("\n"))
    assert log.unread == head.count("\n")
    assert log.sessions_on_several_nodes == (nodes > 0)
    assert log.first_at > 20_000_000


def test_the_pattern_of_tomcats_valve() -> None:
    """`%S` is the session's id, whose route names the node."""
    content = "".join(TOMCAT.format(sid=sid * 16, node=node) + "\n" for sid, node in (("A", 1), ("A", 2), ("B", 1)))
    log = counted(content.encode(), '%h %l %u %t "%r" %s %b %S')
    assert (log.sessions, log.sessions_on_several_nodes, log.moved_with_routes) == (2, 1, 1)
    assert log.nodes == {"app1": 2, "app2": 1}


@pytest.mark.parametrize(
    "form",
    [
        "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %{+Q}r",
        '[%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)%" %RESPONSE_CODE% %UPSTREAM_HOST% %REQ(COOKIE)%',
    ],
)
def test_formats_of_haproxy_and_envoy_are_understood(form: str) -> None:
    """As they stand in their configurations."""
    line = {
        "%": '10.1.1.1:5 [02/Jan/2024:03:04:05.678] fe be/app1 0/0/0/1/1 200 12 JSESSIONID=AAAAAAAA - --VN 1/1/0/0/0 0/0 "GET /x"',
        "[": '[2024-01-02T03:04:05.678Z] "GET /x" 200 app1 JSESSIONID=AAAAAAAA',
    }[form[0]]
    log = counted(line.encode(), form, "JSESSIONID")
    assert (log.unread, log.sessions, log.nodes, log.statuses) == (0, 1, {"app1": 1}, {"2xx": 1})


def test_columns_may_change_within_a_log() -> None:
    """IIS writes its fields anew when it starts, or when an administrator chose others."""
    other = "#Fields: date time c-ip cs(Cookie) sc-status s-ip\n2024-01-02 03:04:06 192.0.2.7 ASP.NET_SessionId=AAAAAAAA 500 10.0.0.9\n"
    content = IIS_HEAD + IIS.format(sid="AAAAAAAA", node=1) + "\n" + other
    log = counted(content.encode())
    assert (log.sessions, log.nodes, log.statuses) == (1, {"10.0.0.1": 1, "10.0.0.9": 1}, {"2xx": 1, "5xx": 1})


HOSTILE = (b'{"status":200' + b"[" * 50_000, b"[" * 100_000, b'"' * 100_000, b"a " * 50_000, b"- " * 50_000)


@pytest.mark.parametrize("line", HOSTILE)
def test_hostile_lines_are_no_request_and_take_no_time(line: bytes) -> None:
    """Within a log of each kind."""
    for good in (ENVOY_JSON, ENVOY, TRAEFIK, ALB, CRI):
        lines = good.format(sid="A" * 16, node=1).encode() + b"\n"
        assert counted(lines * 3 + line + b"\n").unread == 1


def test_variables_without_a_gap_take_no_time() -> None:
    """What several of them may be in a line of a stranger is not tried in all ways."""
    form, began = of_log_format("$a$b$c$d $remote_addr $status"), time.process_time()
    assert list(form.requests(b"x " * 2000 + b"\n")) == []
    assert time.process_time() - began < 3
    assert list(form.requests(b"any text 192.0.2.1 200\n")) == [(b"", b"", b"192.0.2.1", b"", b"", b"200")]


def test_objects_that_are_no_requests_are_no_access_log() -> None:
    """A status in words; a log of an application."""
    objects: list[dict[str, Any]] = [{"status": "ok", "msg": "started"}, {"level": "info", "msg": "x"}]
    for told in objects:
        assert guess([json.dumps(told).encode()] * 5) is None
