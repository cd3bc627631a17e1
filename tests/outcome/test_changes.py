"""What must survive a deploy or a restart, compared between two scans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.keys.key_rings import KeyRing, KeyRings, StoredKey
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.evidence.stores.census import Census, Group
from sessiondoctor.evidence.stores.redis_server import RedisServer
from sessiondoctor.outcome.changes import Change, changes
from tests.checks import build

HOUR = 3600.0
SERVER = build.server(uptime_s=9000, databases={"db0": {"keys": 100}})
GROUP = Group("connect-redis", "sess:", 100, 1.0, None, 0, None, encodings={"json": 5})


def ring(*ids: str) -> Piece:
    """The ring of app1."""
    keys = tuple(StoredKey(id_, 0.0, 0.0, 9e9, "nothing") for id_ in ids)
    return Piece(KeyRings, "site", KeyRings((KeyRing("app1", keys),), 0.0))


def census(*groups: Group) -> Piece:
    """The keys of the store."""
    return Piece(
        Census,
        "sessions",
        Census("sessions", 0, 100, 100, exact=True, groups=groups, other_keys=0, other_without_ttl=0),
    )


def server(**changed: Any) -> Piece:
    """The store an hour later, unless told otherwise."""
    return Piece(RedisServer, "sessions", replace(SERVER, **({"uptime_s": 9000 + 3600} | changed)))


def visited(**changed: Any) -> Piece:
    """A site whose session cookie has these attributes."""
    return Piece(Visits, "site", build.visits(cookies=(build.cookie(**changed),)))


def routed(route: str) -> Piece:
    """Nodes that put this route into ids."""
    return Piece(Replay, "site", build.replay(cookies={"app1": build.cookie(route=route)}))


def between(old: Piece, new: Piece) -> tuple[Change, ...]:
    """What has changed within an hour."""
    return changes(Gathered((old,)), Gathered((new,)), HOUR)


PHP = replace(GROUP, encodings={"json": 5, "php": 1})
JAVA = replace(GROUP, encodings={"java": 5}, classes={"Cart": {1: 5}})
CASES = {
    "ring not kept": (ring("a"), ring("b"), "dp-keyring-ephemeral"),
    "prefix changed": (census(GROUP), census(GROUP, replace(GROUP, prefix="s2:")), "key-prefix-mismatch"),
    "format changed": (census(GROUP), census(PHP), "serializer-format-mismatch"),
    "class changed": (census(JAVA), census(replace(JAVA, classes={"Cart": {1: 4, 2: 1}})), "class-version-mismatch"),
    "store emptied": (server(uptime_s=9000), server(uptime_s=60, databases={}), "store-data-loss"),
    "store flushed": (server(uptime_s=9000), server(commands={"flushdb": 1}, databases={}), "store-data-loss"),
    "now a replica": (server(uptime_s=9000), server(role="slave"), "redis-readonly"),
    "now evicting": (server(uptime_s=9000), server(policy="allkeys-lru"), "store-eviction"),
    "domain added": (visited(), visited(domain="shop.test"), "cookie-domain-mismatch"),
    "path narrowed": (visited(), visited(path="/app"), "cookie-path-mismatch"),
    "route changed": (routed("app1"), routed("node-7"), "route-id-mismatch"),
    "cookie renamed": (visited(), visited(name="other"), "mixed-version-deploy"),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "cause"), CASES.values(), ids=CASES)
def test_a_change_names_its_cause(old: Piece, new: Piece, cause: str) -> None:
    """One change, one cause, a sentence."""
    (change,) = between(old, new)
    assert change.cause == cause
    assert change.before != change.after
    assert len(change.what.split()) > 3


SAME = {
    "a key more": (ring("a"), ring("a", "b")),
    "restart with its keys": (server(uptime_s=9000), server(uptime_s=60)),
    "fewer sessions at night": (server(uptime_s=9000), server(databases={"db0": {"keys": 3}})),
    "new product's keys": (census(GROUP), census(GROUP, replace(GROUP, product="laravel", prefix="l:"))),
    "the same": (census(JAVA), census(JAVA)),
    "same routes": (routed("app1"), routed("app1")),
    "same cookie": (visited(), visited()),
    "no ring before": (census(GROUP), ring("a")),
}


@pytest.mark.parametrize(("old", "new"), SAME.values(), ids=SAME)
def test_a_clean_deploy_changes_nothing(old: Piece, new: Piece) -> None:
    """Rotation with overlap, a restart that keeps its data, another product beside."""
    assert between(old, new) == ()
