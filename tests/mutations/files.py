"""Readers of configuration, captures and logs. The seeds: public reports, and a few lines of what these do not hold."""
# ruff: noqa: E501 - what others wrote has long lines

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from sessiondoctor.captures.balancers import read_envoy, read_haproxy
from sessiondoctor.captures.cookie_table import read_cookie_table
from sessiondoctor.captures.har import read_har
from sessiondoctor.captures.redis_cli import read_redis, read_ring
from sessiondoctor.captures.transcript import read_transcript
from sessiondoctor.captures.visits import visits_of
from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.configs.files import text_of
from sessiondoctor.configs.reading import read_text
from sessiondoctor.configs.recognition import best, readers
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.evidence.logs import Log
from sessiondoctor.logs.access.counting import count
from sessiondoctor.logs.access.formats import guess
from sessiondoctor.logs.finder import Finder
from sessiondoctor.logs.line import read_line
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import bare
from tests.configs.build import fingerprint
from tests.mutations.decoders import RING, SAMPLES
from tests.mutations.mutator import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessiondoctor.captures.recorded import Recorded

FIELD = Path(__file__).parents[1]
SITE = bare("https://shop.example/")
MORE = {
    "appsettings": '{"ConnectionStrings": {"Redis": "redis:6379"}, "Session": {"IdleTimeout": "00:20:00"}}',
    "aws": '{"TargetGroups": [{"TargetGroupName": "x"}], "Attributes": [{"Key": "stickiness.enabled", "Value": "true"}]}',
    "caddy": "shop.example {\n  reverse_proxy a:80 b:80 {\n    lb_policy cookie lb\n  }\n}\n",
    "django": "SESSION_ENGINE = 'django.contrib.sessions.backends.cache'\nSECRET_KEY = get_random_secret_key()\n",
    "envoy": "static_resources:\n  clusters:\n  - name: a\n    lb_policy: RING_HASH\n    load_assignment: {}\n",
    "glassfish": "<glassfish-web-app><session-config><cookie-properties/></session-config></glassfish-web-app>",
    "go-and-rust": 'store := sessions.NewCookieStore([]byte(os.Getenv("SESSION_KEY")))\nlet secret = Key::generate();\n',
    "gunicorn": "workers = 4\npreload_app = True\nbind = '0.0.0.0:80'\n",
    "java-code": "@EnableRedisHttpSession(maxInactiveIntervalInSeconds = 60)\nclass A { }\n",
    "jetty": '<Configure class="org.eclipse.jetty.server.Server"><Set name="workerName">n1</Set></Configure>',
    "memcached": "-m 64\n-p 11211\n-I 1m\n",
    "php-ini": 'session.save_handler = redis\nsession.save_path = "tcp://a:6379"\nsession.gc_maxlifetime = 1440\n',
    "rails": "Rails.application.config.session_store :cookie_store, key: '_a', expire_after: 1.day\n",
    "redis-conf": "maxmemory 100mb\nmaxmemory-policy allkeys-lru\nsave 900 1\n",
    "redis-sentinel": "sentinel monitor mymaster 10.0.0.1 6379 2\nsentinel down-after-milliseconds mymaster 5000\n",
    "redisson": "clusterServersConfig:\n  nodeAddresses: ['redis://a:6379']\n  readMode: SLAVE\n",
    "cloudfront": "cachePolicyConfig:\n  name: pages\n  defaultTTL: 60\n  parametersInCacheKey:\n    cookiesConfig: {cookieBehavior: none}\n",
    "spring": "spring.session.store-type=redis\nserver.servlet.session.timeout=30m\n---\nspring:\n  profiles: a\n",
    "sql-server": "[mysqld]\nmax_connections = 10\nmax_allowed_packet = 1M\n",
    "symfony": "framework:\n  session:\n    handler_id: ~\n    cookie_secure: auto\n",
    "systemd": "[Service]\nExecStart=/usr/bin/node app.js\nEnvironment=SECRET=a\nPrivateTmp=yes\n",
    "terraform": 'resource "aws_lb_target_group" "x" {\n  stickiness {\n    type = "lb_cookie"\n    enabled = true\n  }\n}\n',
    "traefik": "http:\n  services:\n    a:\n      loadBalancer:\n        sticky: {cookie: {name: lb}}\n",
    "weblogic": "<weblogic-web-app><session-descriptor><timeout-secs>60</timeout-secs></session-descriptor></weblogic-web-app>",
    "wildfly": '<subsystem xmlns="urn:jboss:domain:undertow:12.0"><server name="d"><host name="h"/></server></subsystem>',
}  # fmt: skip
CURL = b"""$ curl -v https://shop.example/cart -b 'sid=a'
> GET /cart HTTP/1.1
> Cookie: sid=abcdef0123456789
< HTTP/1.1 302 Found
< Set-Cookie: sid=0123456789abcdef.app1; Path=/; HttpOnly
< Location: /login

<html>Sign in</html>
"""
HAR = b"""{"log": {"entries": [{"startedDateTime": "2026-11-30T10:00:00.000Z", "request": {"method": "GET",
"url": "https://shop.example/", "headers": [{"name": "Cookie", "value": "sid=a"}]}, "response": {"status": 200,
"headers": [{"name": "Set-Cookie", "value": "sid=b; Path=/"}], "content": {"text": "aGVsbG8=", "encoding": "base64"}}}]}}"""
TABLE = b"Name\tValue\tDomain\tPath\tExpires / Max-Age\tSize\tHttpOnly\tSecure\tSameSite\nsid\tabc\tshop.example\t/\tSession\t6\t\xe2\x9c\x93\t\tLax\n"
INFO = b"# Server\r\nredis_version:7.0.15\r\nrole:master\r\nused_memory:1000000\r\nevicted_keys:5\r\nmaxmemory_policy:allkeys-lru\r\n"
LOG = b"""2026-11-30 10:00:00,123 ERROR [http-nio-8080-exec-1] o.a.c.session.StandardManager Cannot deserialize session
java.io.NotSerializableException: com.shop.Cart
\tat java.io.ObjectOutputStream.writeObject0(ObjectOutputStream.java:1184)
{"time":"2026-11-30T10:00:01Z","level":"error","msg":"OOM command not allowed when used memory > 'maxmemory'."}
Nov 30 10:00:02 host redis[12]: MISCONF Redis is configured to save RDB snapshots
"""
ACCESS = b"""10.0.0.7 - - [30/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x" "sid=0123456789abcdef" 10.0.1.1:80
10.0.0.7 - - [30/Nov/2026:10:00:01 +0000] "GET / HTTP/1.1" 200 5 "-" "x" "sid=0123456789abcdef" 10.0.1.2:80
"""


class BrokenReaderError(AssertionError):
    """A reader of configuration raised something, which the room above it has caught."""


def config(format_: str) -> Callable[[bytes], object]:
    """A reader of configuration."""

    def read(data: bytes) -> None:
        _, note = read_text(text_of(data, "x", "x", fingerprint, format_))
        if "bug" in note:
            raise BrokenReaderError(note)

    return read


def configs() -> dict[str, Target]:
    """Every reader of the registry."""
    seeds: dict[str, list[bytes]] = defaultdict(list)
    for report in yaml.safe_load((FIELD / "configs" / "field.yaml").read_text(encoding="utf-8")).values():
        for text in (*report["files"], *report.get("cured", ())):
            if known := best("x", text):
                seeds[known[0]].append(text.encode())
    for name, text in MORE.items():
        seeds[name].append(text.encode())
    return {f"config: {name}": Target(config(name), tuple(seeds[name])) for name in sorted(readers())}


@cache
def finder() -> Finder:
    """All signatures."""
    return Finder(tuple(Catalogue((builtin(),)).signatures.values()))


def read_log(data: bytes) -> object:
    """What the lines prove."""
    return finder().read([data], Log("app1", "app1.log", named=True), Redactor(), 2026)


def read_access(data: bytes) -> object:
    """The sessions and nodes of an access log."""
    form = guess(data.splitlines())
    return count([data], form, AccessLog("edge", "access.log")) if form else None


def recorded(read: Callable[[str], tuple[Recorded, ...]], seed: bytes) -> Target:
    """A reader of captures, and what becomes of them."""
    return Target(
        lambda data: visits_of(read(data.decode("utf-8", "replace")), SITE, Redactor()), (seed,), (ValueError,)
    )


def printed(read: Callable[[str], object], seed: bytes) -> Target:
    """A reader of what a store or a balancer printed."""
    return Target(lambda data: read(data.decode("utf-8", "replace")), (seed,), (Unavailable,))


TARGETS = {
    **configs(),
    "capture: curl": recorded(read_transcript, CURL),
    "capture: har": recorded(read_har, HAR),
    "capture: cookie-table": recorded(read_cookie_table, TABLE),
    "capture: redis-cli": printed(lambda text: read_redis(text, "sessions"), INFO),
    "capture: ring": printed(lambda text: read_ring(text, "app1"), RING),
    "capture: haproxy": printed(
        lambda text: read_haproxy(text, "edge", SITE), (SAMPLES / "haproxy_stat.csv").read_bytes()
    ),
    "capture: envoy": printed(
        lambda text: read_envoy(text, "edge", SITE), (SAMPLES / "samples/envoy_clusters.json").read_bytes()
    ),
    "log: lines": Target(read_log, (LOG,)),
    "log: one line": Target(lambda data: read_line(data.decode("utf-8", "replace"), 2026), tuple(LOG.splitlines())),
    "log: access": Target(read_access, (ACCESS,)),
}
