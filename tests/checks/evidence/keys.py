"""Evidence for checks of keys and clocks."""

from __future__ import annotations

from sessiondoctor.evidence.keys.key_rings import KeyRing, KeyRings, StoredKey
from sessiondoctor.evidence.keys.tokens import Token, Tokens
from sessiondoctor.evidence.network.clocks import Reading
from tests.checks.build import cookie, replay

CLIENT = {name: cookie(holds_state=True, signed=True) for name in ("app1", "app2", "app3")}


def tokens(**of: dict[str, object]) -> Tokens:
    """Tokens of nodes that know each other's keys, unless they say otherwise."""
    every = {"verified_by": tuple(of), "issued_s": -0.5, "not_before_s": -0.5, "expires_s": 3600.0}
    return Tokens(tuple(Token(node, "ES256", "k1", **(every | changes)) for node, changes in of.items()),  # type: ignore[arg-type]
                  dict.fromkeys(of, ("k1",)))  # fmt: skip


def dated(ahead_s: float) -> dict[str, object]:
    """A token of a node whose clock is so far ahead."""
    return {"issued_s": ahead_s - 0.5, "not_before_s": ahead_s - 0.5, "expires_s": ahead_s + 3600.0}


def told(**seconds: float) -> object:
    """Nodes whose cookies say that their clocks are so far ahead."""
    return replay(visit={n: {"clock": Reading(n, "session-cookie", ahead, 0.6)} for n, ahead in seconds.items()})


def signed(app1: object, app2: object = ("app1", "app2", "app3")) -> object:
    """Nodes whose cookies were verified by the secrets of these."""
    every = ("app1", "app2", "app3")
    return replay(visit={"app1": {"signed_by": app1}, "app2": {"signed_by": app2}, "app3": {"signed_by": every}})


IDLE = ("logged-out-after-idle",)
NOW = 1_800_000_000.0
DAY = 86400.0


def key(key_id: str = "k1", **changes: object) -> StoredKey:
    """A key that is active for two months more."""
    times = {"created_at": NOW - 30 * DAY, "active_from": NOW - 30 * DAY, "expires_at": NOW + 60 * DAY}
    return StoredKey(**{"key_id": key_id, "protected_by": "certificate", **times, **changes})  # type: ignore[arg-type]


def rings(**keys: tuple[StoredKey, ...]) -> KeyRings:
    """The rings of nodes by name."""
    return KeyRings(tuple(KeyRing(node, some) for node, some in keys.items()), NOW)


ONE = rings(app1=(key(),), app2=(key(),), app3=(key(),))
KEYED = {name: cookie(key_id="k1", signed=True) for name in ("app1", "app2", "app3")}
TWINS = (key(), key("k2", created_at=NOW - 30 * DAY + 5))
BEARERS = {name: cookie(product="jwt", holds_state=True, signed=True) for name in ("app1", "app2", "app3")}
DATED = tokens(app1={}, app2={}, app3=dated(-90))
UNVERIFIED: dict[str, object] = {"verified_by": ()}
