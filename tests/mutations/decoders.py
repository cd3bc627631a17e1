"""Decoders of cookies, tokens, stored values and rings, and readers of status pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from sessiondoctor.errors import Unavailable
from sessiondoctor.formats.affinity_cookie import recognise_affinity
from sessiondoctor.formats.cookie_date import cookie_date
from sessiondoctor.formats.encoded import base64_octets, unescaped
from sessiondoctor.formats.java_stream import MalformedStream, classes_of
from sessiondoctor.formats.jwt import read_jwt
from sessiondoctor.formats.key_ring import read_ring_element
from sessiondoctor.formats.session_cookie import recognise_session
from sessiondoctor.formats.session_value import encoding_of, layout_of
from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.formats.wrapped_value import wrapped_encoding
from sessiondoctor.formats.xml import parse_xml
from sessiondoctor.probes.balancers import apache, caddy, envoy, haproxy, mod_jk, traefik
from sessiondoctor.topology.model import Balancer, Node
from tests.mutations.mutator import Target

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = Path(__file__).parents[1] / "probes" / "balancers"
NODES = (Node("one", "http://127.0.0.1:29201/"), Node("two", "http://10.0.0.2:8080/"))
BALANCER = Balancer("edge")
STREAM = bytes.fromhex(
    "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f6164466163746f724900097468726573"
    "686f6c6478703f4000000000000c770800000010000000017400036162637371007e00003f400000000000007708000000100000000078"
    "78"
)
JWT = (
    b"eyJhbGciOiJIUzI1NiIsImtpZCI6ImsxIn0.eyJzdWIiOiJhZGEiLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MTcwMDAwMzYwMH0.c2lnbmF0dXJl"
)
RING = b"""<?xml version="1.0" encoding="utf-8"?><key id="1b2f6e1e-0b3f-4b64-8a6e-0d6b5b1c6e11" version="1">
<creationDate>2024-01-01T00:00:00Z</creationDate><activationDate>2024-01-01T00:00:00Z</activationDate>
<expirationDate>2044-01-01T00:00:00Z</expirationDate>
<descriptor><descriptor><encryption/></descriptor></descriptor></key>"""


def page(reader: Any, sample: str) -> Target:
    """A reader of status pages, of the same text twice."""
    seed = (SAMPLES / sample).read_bytes()
    return Target(
        lambda data: reader.PAGE.read([data.decode("utf-8", "replace")] * 2, BALANCER, NODES), (seed,), (Unavailable,)
    )


def text(reader: Callable[[str], object], *seeds: bytes) -> Target:
    """A decoder of text, which raises nothing."""
    return Target(lambda data: reader(data.decode("latin-1")), seeds)


TARGETS = {
    "page: apache": page(apache, "samples/balancer_manager.xml"),
    "page: mod_jk": page(mod_jk, "samples/jk_status.xml"),
    "page: traefik": page(traefik, "samples/traefik_services.json"),
    "page: envoy": page(envoy, "samples/envoy_clusters.json"),
    "page: caddy": page(caddy, "samples/caddy_config.json"),
    "page: haproxy": page(haproxy, "haproxy_stat.csv"),
    "java-stream": Target(classes_of, (STREAM,), (MalformedStream,)),
    "jwt": text(read_jwt, JWT),
    "key-ring": text(read_ring_element, RING),
    "xml": text(parse_xml, RING),
    "set-cookie": text(
        read_set_cookie, b"sid=s%3Aabc.def; Path=/; Max-Age=3600; Expires=Wed, 21 Oct 2026 07:28:00 GMT"
    ),
    "cookie-date": text(cookie_date, b"Wed, 21 Oct 2026 07:28:00 GMT"),
    "affinity": text(lambda value: recognise_affinity("SERVERID", value), b"app1|ZabcD|ZabcE"),
    "session-cookie": text(
        lambda value: recognise_session("sid", value),
        b"s%3AyB2pV3qUoX4x0Q8r0vH0aGmJf3T1Jw2K.9kq3rTeC0Ww1q",
        b"eyJ1c2VyIjoxfQ.ZrX1wg.h3Q1mV9c2P0c5tB3n1o8b2q7r4s",
        b"0123456789ABCDEF0123456789ABCDEF.app1",
    ),
    "encoded": text(lambda value: base64_octets(unescaped(value)), b"s%253Aabc%2Edef", b"czphYmMuZGVm"),
    "encoding": Target(encoding_of, (b'{"cookie":{"originalMaxAge":null}}',)),
    "wrapped": Target(wrapped_encoding, (b"eJxTYACCNAYGBgYGBiYGBgYmBgYGJgYGBiYG",)),
    "layout": text(layout_of, b"spring:session:sessions:1b2f6e1e-0b3f-4b64-8a6e-0d6b5b1c6e11"),
}
