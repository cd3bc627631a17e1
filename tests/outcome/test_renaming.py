"""Tokens in the place of names and addresses."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Any

import pytest

from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.logs import Hit, Log
from sessiondoctor.evidence.stores.redis_server import RedisServer
from sessiondoctor.outcome.renaming import Renamer, names_in, names_seen, vocabulary
from sessiondoctor.redact import scrubbed
from sessiondoctor.topology.loader import load_text

TOPOLOGY = """
site: {url: "https://www.acme-bank.co.uk/shop", resolve: {www.acme-bank.co.uk: [203.0.113.7]}}
load_balancers: [{name: edge, kind: haproxy, stats: "http://lb-prod-1:8404/stats"}]
nodes:
  - {name: zeus, url: "http://10.20.30.41:3000/", route: jvm-zeus}
  - {name: app-prod-2, url: "http://apollo.internal.acme-bank.co.uk:3000/"}
stores: [{name: sessions, kind: redis, url: "redis://cache-7.internal.acme-bank.co.uk:6379/0"}]
"""
NAMES = ("acme-bank", "zeus", "app-prod-2", "lb-prod-1", "apollo", "cache-7", "203.0.113.7", "10.20.30.41", "pod-x9f")
WORDS = vocabulary(["# sessions of Redis at the edge, kept by haproxy or a node; shop\n"])


def renamer(key: bytes = b"k" * 32) -> Renamer:
    """One that knows the topology."""
    found = Renamer(key, WORDS)
    found.learn(names_in(load_text(TOPOLOGY, "t.yaml", {})))
    return found


@pytest.mark.parametrize(
    "text",
    [
        "zeus answered", "http://zeus:3000/cart", "ZEUS", "JSESSIONID=A.jvm-zeus", "app-prod-2/.env:3",
        "Domain=.acme-bank.co.uk", "https://login.acme-bank.co.uk:8443/x", "mail.acme-bank.co.uk",
        "peer 10.20.30.41:3000, 203.0.113.7", "apollo.internal.acme-bank.co.uk", "redis://u@cache-7.internal.acme-bank.co.uk/0",
        "lb-prod-1:8404", TOPOLOGY,
    ],
)  # fmt: skip
def test_no_name_is_left(text: str) -> None:
    """Wherever it stands."""
    clean = renamer().scrub(text)
    assert not [name for name in NAMES if name in clean.lower()]
    assert clean != text


@pytest.mark.parametrize(
    "text",
    [
        "sessions", "spring:session:sessions:", "haproxy", "127.0.0.1:6379", "::1", "12:34:56", "7.0.15", "0.0.0.0:80",
        "java.io.NotSerializableException: org.example.ui.Cart", "nothing to see", "", "app.log", "zeusology",
    ],
)  # fmt: skip
def test_what_is_no_name_stays(text: str) -> None:
    """Words of its own, formats, loopback, times, versions, classes."""
    assert renamer().scrub(text) == text


def test_relations_stay() -> None:
    """Sub-domains, networks, and which name is which."""
    found = renamer()
    host, domain = found.scrub("www.acme-bank.co.uk"), found.scrub("acme-bank.co.uk")
    assert host.endswith(f".{domain}")
    first, second, other = (found.scrub(text) for text in ("10.20.30.41", "10.20.30.42", "10.9.9.9"))
    assert first.rpartition(".")[0] == second.rpartition(".")[0] != other.rpartition(".")[0]
    assert len({first, second, other}) == 3
    assert all(ip_address(one).is_private for one in (first, second, other))
    assert found.scrub("zeus") == found.scrub("Zeus") != found.scrub("app-prod-2")
    assert found.scrub("2001:4860:4860::8888").startswith("2001:db8:")


def test_all_addresses_of_a_network_stay_apart() -> None:
    """256 of a /24."""
    found = renamer()
    assert len({found.scrub(f"10.1.2.{last}") for last in range(256)}) == 256


def test_folders_are_left_out() -> None:
    """Homes of people, and where the topology file is."""
    found = Renamer(b"k" * 32, WORDS, "/tmp/of-bob")
    assert found.scrub("/home/bob/shop/app.log:3 and /tmp/of-bob/edge/haproxy.cfg") == "app.log:3 and edge/haproxy.cfg"


def test_one_key_gives_the_same_tokens() -> None:
    """In two bundles; another key others."""
    assert renamer().scrub("zeus 10.20.30.41") == renamer().scrub("zeus 10.20.30.41")
    assert renamer().scrub("zeus") != renamer(b"x" * 32).scrub("zeus")


def test_the_topology_still_reads() -> None:
    """As one with the same parts."""
    topology = load_text(renamer().scrub(TOPOLOGY), "t.yaml", {})
    assert [balancer.name for balancer in topology.load_balancers] == ["edge"]
    assert [store.name for store in topology.stores] == ["sessions"]
    assert all(re.fullmatch("n[0-9a-f]{6}", node.name) for node in topology.nodes)


def test_evidence_is_renamed_where_it_names() -> None:
    """Also what nobody declared; what it counts stays."""
    log = Log(
        "app-prod-2",
        "x.log",
        hits=(Hit("redis-oom", 3, 1, quote="pod-x9f lost 10.20.30.41", fields={"server": ("pod-x9f",)}),),
    )
    pieces: Any = (
        Piece(Log, "app-prod-2", log),
        Piece(RedisServer, "sessions", RedisServer("sessions", "cache-7:6379", "7.0", "master", 60, errors={"OOM": 3})),
    )
    found, gathered = renamer(), Gathered(pieces, refusals={"zeus:80 429": 2})
    found.learn(names_seen(gathered))
    clean = scrubbed(gathered, found)
    assert not [name for name in NAMES if name in repr(clean)]
    server = clean.pieces[1].value
    assert (server.store, server.version, server.role, server.errors) == ("sessions", "7.0", "master", {"OOM": 3})
    assert clean.pieces[0].value.hits[0].signature == "redis-oom"
