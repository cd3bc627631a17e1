"""Decoders and readers of status pages over mutated real inputs: one kind of exception, and time linear in the input.

A small run here; `MUTATIONS=1000000 pytest tests/formats/test_mutations.py` for a large one.
"""

from __future__ import annotations

import os
import random
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.errors import Unavailable
from sessiondoctor.formats.affinity_cookie import recognise_affinity
from sessiondoctor.formats.java_stream import MalformedStream, classes_of
from sessiondoctor.formats.jwt import read_jwt
from sessiondoctor.formats.key_ring import read_ring_element
from sessiondoctor.formats.session_value import encoding_of, layout_of
from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.formats.wrapped_value import wrapped_encoding
from sessiondoctor.formats.xml import parse_xml
from sessiondoctor.probes.balancers import apache, caddy, envoy, haproxy, mod_jk, traefik
from sessiondoctor.topology.model import Balancer, Node

if TYPE_CHECKING:
    from collections.abc import Callable

COUNT = int(os.environ.get("MUTATIONS", "300"))
SAMPLES = Path(__file__).parents[1] / "probes" / "balancers"
REFUSALS = (Unavailable, MalformedStream)
"""What readers of pages raise, and what the walk over Java streams does; other decoders raise nothing."""
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


def sample(name: str) -> bytes:
    """A page as a real server wrote it."""
    return (SAMPLES / name).read_bytes()


def page(reader: Any) -> Callable[[bytes], object]:
    """A reader of status pages, of one text or of the same twice."""
    return lambda data: reader.PAGE.read([data.decode("utf-8", "replace")] * 2, BALANCER, NODES)


def text(reader: Callable[[str], object]) -> Callable[[bytes], object]:
    """A decoder of text."""
    return lambda data: reader(data.decode("latin-1"))


TARGETS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "apache": (page(apache), sample("samples/balancer_manager.xml")),
    "mod_jk": (page(mod_jk), sample("samples/jk_status.xml")),
    "traefik": (page(traefik), sample("samples/traefik_services.json")),
    "envoy": (page(envoy), sample("samples/envoy_clusters.json")),
    "caddy": (page(caddy), sample("samples/caddy_config.json")),
    "haproxy": (page(haproxy), sample("haproxy_stat.csv")),
    "java-stream": (classes_of, STREAM),
    "jwt": (text(read_jwt), JWT),
    "key-ring": (text(read_ring_element), RING),
    "xml": (text(parse_xml), RING),
    "set-cookie": (
        text(read_set_cookie),
        b"sid=s%3Aabc.def; Path=/; Max-Age=3600; Expires=Wed, 21 Oct 2026 07:28:00 GMT",
    ),
    "affinity": (text(lambda value: recognise_affinity("SERVERID", value)), b"app1|ZabcD|ZabcE"),
    "encoding": (encoding_of, b'{"cookie":{"originalMaxAge":null}}'),
    "wrapped": (wrapped_encoding, b"eJxTYACCNAYGBgYGBiYGBgYmBgYGJgYGBiYG"),
    "layout": (text(layout_of), b"spring:session:sessions:1b2f6e1e-0b3f-4b64-8a6e-0d6b5b1c6e11"),
}
PIECES = (
    b"<", b">", b"&", b'"', b"{", b"}", b"[", b"]", b",", b":", b"\x00", b"\xff", b"=", b";", b"\n", b"9" * 30, b"-1",
    b"1e999", b"NaN", b"null", b"\xed\xa0\x80", b"<!DOCTYPE a>", b"]]>", b"%", b"\\u0000", b"\\ud800",
)  # fmt: skip


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A few changes: octets flipped, cut out, doubled, moved; pieces that mean something put in."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(found) + 1)
        end = min(len(found), at + chance.choice((1, 2, 8, 64)))
        match chance.randrange(5):
            case 0 if found:
                found[at - 1] = chance.randrange(256)
            case 1:
                del found[at:end]
            case 2:
                found[at:at] = found[at:end] * chance.randint(1, 8)
            case 3:
                found[at:at] = chance.choice(PIECES)
            case _:
                found = found[at:] + found[:at] if chance.random() < 0.1 else found
    return bytes(found)


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", TARGETS)
def test_a_mutated_input_is_read_or_refused(name: str) -> None:
    """Nothing but a refusal is raised; none takes longer than its length allows."""
    read, seed = TARGETS[name]
    chance = random.Random(name)
    slowest = 0.0
    for _ in range(COUNT):
        data = mutated(seed, chance)
        began = time.process_time()
        with suppress(*REFUSALS):
            read(data)
        slowest = max(slowest, time.process_time() - began)
    assert slowest < 0.5


@pytest.mark.parametrize("name", TARGETS)
def test_the_time_is_linear(name: str) -> None:
    """Sixteen times as much of the same takes less than sixty times as long."""
    read, seed = TARGETS[name]

    def took(data: bytes) -> float:
        best = 9.0
        for _ in range(3):
            began = time.process_time()
            with suppress(*REFUSALS):
                read(data)
            best = min(best, time.process_time() - began)
        return best

    assert took(seed * 320) < max(60 * took(seed * 20), 0.05)
