"""What must survive a deploy or a restart, compared between two scans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sessiondoctor.evidence.configs.application import Secret
from sessiondoctor.evidence.configs.files import Configs
from sessiondoctor.evidence.entry.resumed import Resumed
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.gathered import Gathered, Piece
from sessiondoctor.evidence.keys.key_rings import KeyRing, KeyRings, StoredKey
from sessiondoctor.evidence.keys.key_sets import KeySets, PublishedKeys
from sessiondoctor.evidence.keys.secret_prints import SecretPrints
from sessiondoctor.evidence.location import Location
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.evidence.stores.census import Census, Group
from sessiondoctor.evidence.stores.located import Located, LocatedSession, Place
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
        Census("sessions", 0, 100, 100, exact=True, groups=groups),
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


def key_set(*ids: str) -> Piece:
    """What app1 publishes."""
    return Piece(KeySets, "site", KeySets((PublishedKeys("app1", ids),)))


def prints(**known: str) -> Piece:
    """Fingerprints of the declared secrets."""
    return Piece(SecretPrints, "site", SecretPrints(known))


def configured(print_: str, origin: Any = "literal") -> Piece:
    """A secret in the file of app1."""
    secret = Secret(
        at=Location("app1/.env", 1), owner="app1", use="session", origin=origin, variable="SECRET", print=print_
    )
    return Piece(Configs, "site", Configs(secrets=(secret,)))


def placed(prefix: str = "sess:", encoding: str = "json", **classes: int) -> Piece:
    """Where the scan's own session is; nowhere without a prefix."""
    place = Place(
        "sessions", "10.0.0.9:6379", "10.0.0.9:6379/0", prefix, "connect-redis", encoding, 1800, classes=classes
    )
    return Piece(
        Located, "site", Located((LocatedSession("app1", "sid:1", (place,) if prefix else ()),), ("sessions",))
    )


def resumed(state: Any = "lost", stored: Any = "there", **changed: Any) -> Piece:
    """The session that was left an hour ago."""
    return Piece(Resumed, "site", replace(Resumed(1e9, HOUR, 2 * HOUR, "sid", (state,) * 4, {}, stored), **changed))


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


MORE = {
    "key set replaced": (key_set("a"), key_set("b"), "key-rotation-no-overlap"),
    "another declared secret": (prints(app1="key:1"), prints(app1="key:2"), "key-rotation-no-overlap"),
    "another secret in a file": (configured("key:1"), configured("key:2"), "key-rotation-no-overlap"),
    "own session under another prefix": (placed(), placed("s2:"), "key-prefix-mismatch"),
    "own session in another format": (placed(), placed(encoding="php"), "serializer-format-mismatch"),
    "own session of another class": (placed(Cart=1), placed(Cart=2), "class-version-mismatch"),
}


@pytest.mark.parametrize(("old", "new", "cause"), MORE.values(), ids=MORE)
def test_keys_and_own_sessions_are_compared(old: Piece, new: Piece, cause: str) -> None:
    """The same; where fingerprints can be compared."""
    (change,) = changes(Gathered((old,)), Gathered((new,)), HOUR, comparable=True)
    assert change.cause == cause


def test_fingerprints_of_two_runs_are_not_compared() -> None:
    """Each run has a key of its own, unless a session was left and resumed."""
    assert between(configured("key:1"), configured("key:2")) == ()
    assert between(prints(app1="key:1"), prints(app1="key:2")) == ()


LEFT = {
    "signature alone": ((), (resumed(signed=True),), "key-rotation-no-overlap"),
    "secret": ((configured("key:1"),), (configured("key:2"), resumed()), "key-rotation-no-overlap"),
    "made at start": ((), (configured("", "made-at-start"), resumed(signed=True)), "secret-regenerated-at-boot"),
    "prefix": ((placed(),), (placed("s2:"), resumed(signed=True)), "key-prefix-mismatch"),
    "class": ((placed(Cart=1),), (placed(Cart=2), resumed("error")), "class-version-mismatch"),
    "gone": ((), (resumed(stored="gone"),), "store-data-loss"),
    "flushed": ((server(),), (server(uptime_s=60, databases={}), resumed(stored="unknown")), "store-data-loss"),
    "in memory": ((placed(""),), (placed(""), resumed(stored="unknown")), "node-local-store"),
    "cannot be told": ((), (resumed(stored="unknown"),), ""),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "cause"), LEFT.values(), ids=LEFT)
def test_a_session_that_was_left_says_what_did_not_survive(
    old: tuple[Piece, ...], new: tuple[Piece, ...], cause: str
) -> None:
    """First that it is lost, then what has changed."""
    first = changes(Gathered(old), Gathered(new), HOUR, comparable=True)[0]
    assert (first.what, first.cause) == ("the session from before is not known after", cause)


def test_what_a_kept_session_shows_to_be_harmless_names_no_cause() -> None:
    """A secret rotated with an overlap: it has changed, and sessions survive."""
    old, new = Gathered((configured("key:1"),)), Gathered((configured("key:2"), resumed("kept")))
    (change,) = changes(old, new, HOUR, comparable=True)
    assert (change.subject, change.cause) == ("app1", "")


def test_a_session_that_may_have_ended_by_itself_says_nothing() -> None:
    """Left for three hours, and it lives for two."""
    assert changes(Gathered(()), Gathered((resumed(stored="gone", age_s=3 * HOUR),)), HOUR) == ()


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
