"""Status pages of balancers, management pages of nodes, key sets."""
# ruff: noqa: E501 - a case is one line of a table

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

from tests.benchmarks.zoo.animal import Animal
from tests.benchmarks.zoo.peers import Perform, drips, floods, says, silent
from tests.benchmarks.zoo.stages import BULK, NESTED, OK, declared, page
from tests.fakes.hostile_servers import gzip_of_zeros

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HUGE = b"9" * 4000
SURROGATE = b'"\\ud800"'
BODIES: dict[str, bytes] = {
    "empty": b"", "html": b"<html>Sign in</html>", "nested JSON": NESTED, "nested objects": b'{"a":' * 150_000,
    "huge numbers": b'{"status":200,"request":{},"value":{"a:type=Manager":{"activeSessions":%s,"sessionCounter":1e999}}}' % HUGE,
    "surrogates": b'{"clusterSize":2,"members":[{"address":%s}],"status":200,"request":{},"value":{%s:{"clusterMembers":%s}}}' % (
        SURROGATE, SURROGATE, SURROGATE),
    "NaN": b'{"clusterSize":NaN,"status":NaN,"cache-manager-status":NaN,"value":Infinity}',
    "500,000 members": b'{"members":[%s0]}' % (b'{"address":"a"},' * 60_000), "NULs": bytes(900_000), "entities": b"<!DOCTYPE a [" +
    b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 20)) + b"]><a>&e19;</a>",
    "nested balancers": b"<httpd:manager>" + b"<balancer>" * 90_000, "CSV of commas": b"# pxname,svname\n" + b"," * 900_000,
    "quotes": b'# pxname,svname\n"' + b'""' * 450_000, "lines": b"# pxname,svname\n" + b"a,b\n" * 200_000,
    "beans": b"OK - Number of results: 9\n\n" + b"Name: a:type=Manager\n\n" * 40_000, "escapes": b"\x1b[2J\x1b]0;x\x07" * 9000,
    "metrics": b'vendor_cache_container_health_number_of_nodes{node="a"} 2\n' * 15_000,
}  # fmt: skip


def pages() -> Iterator[Animal]:
    """Status pages of balancers, management pages of nodes, key sets."""
    bad = {"silent": silent, "drips": drips(OK + b"\r\n"), "floods": floods(OK + b"\r\n", BULK), "gzip bomb": _bomb()}
    for name, perform in {**bad, **{name: says(page(body)) for name, body in BODIES.items()}}.items():
        for kind in ("haproxy", "apache", "mod_jk", "traefik", "envoy", "caddy"):
            yield Animal("status pages", f"{kind}, {name}", declared(perform, _balancer(kind)))
        for kind in ("tomcat", "jolokia", "hazelcast", "wildfly", "keycloak"):
            yield Animal("management pages", f"{kind}, {name}", declared(perform, _managed(kind)))
    challenges = (
        b"Digest " + b'a="b",' * 9000,
        b"Basic",
        b"Digest nonce=" + b"x" * 60_000,
        b'Digest nonce="\\',
        b"Negotiate x" * 5000,
    )
    for number, challenge in enumerate(challenges):
        asks = says(page(b"", b"WWW-Authenticate: " + challenge, status=b"401 Unauthorized"))
        yield Animal("management pages", f"challenge {number}", declared(asks, _managed("tomcat")))
    for name, perform in {
        **bad,
        **{name: says(page(body, b"Content-Type: application/json")) for name, body in KEYS.items()},
    }.items():
        yield Animal("key sets", name, declared(perform, lambda port: {"nodes": [_node(port)]}))


def _bomb() -> Perform:
    return says(page(gzip_of_zeros(200), b"Content-Encoding: gzip"))


def _balancer(kind: str) -> Callable[[int], dict[str, Any]]:
    return lambda port: {
        "load_balancers": [{"name": "edge", "kind": kind, "stats": f"http://u:pw@127.0.0.1:{port}/stats"}]
    }


def _managed(kind: str) -> Callable[[int], dict[str, Any]]:
    url = "http://u:pw@127.0.0.1:{}/manage"
    return lambda port: {"nodes": [{"name": "app1", "management": {"kind": kind, "url": url.format(port)}}]}


def _node(port: int) -> dict[str, Any]:
    return {"name": "app1", "url": f"http://127.0.0.1:{port}/", "jwks": f"http://127.0.0.1:{port}/jwks"}


def _jwks(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


_LONG = base64.urlsafe_b64encode(b"\xff" * 2048).decode().rstrip("=")
KEYS: dict[str, bytes] = {
    "d of 16384 bits": _jwks({"kty": "RSA", "n": _LONG, "e": "AQAB", "d": _LONG}),
    "n of 16384 bits": _jwks({"kty": "RSA", "n": _LONG, "e": _LONG}),
    "5,000 keys": _jwks(*[{"kty": "oct", "k": "AAAA", "kid": str(number)} for number in range(5000)]),
    "curve off": _jwks({"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}),
    "wrong types": _jwks({"kty": ["RSA"], "n": {}, "e": 5, "kid": [1]}, {}, {"kty": None}),
    "nested": NESTED, "NaN": b'{"keys": NaN}', "a number": b"5", "surrogates": b'{"keys":[{"kty":%s,"kid":%s}]}' % (SURROGATE, SURROGATE),
}  # fmt: skip
