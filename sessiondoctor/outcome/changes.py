"""What must survive a deploy or a restart, compared: the evidence of a scan before and of one after it.

A change here is no finding: what was seen is that two things differ, and the cause that such a difference is known for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.keys.key_rings import KeyRings
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.evidence.stores.census import Census
from sessiondoctor.evidence.stores.redis_server import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.evidence.responses.cookie import Cookie
    from sessiondoctor.evidence.stores.census import Group

_KEPT = 0.5  # of the keys: fewer after a restart are a loss
_ATTRIBUTES = (
    ("domain", "Domain", "cookie-domain-mismatch"),
    ("path", "Path", "cookie-path-mismatch"),
    ("same_site", "SameSite", "samesite-blocks-cross-site"),
    ("secure", "Secure", "host-or-scheme-split"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is not as it was.

    Attributes:
        what: a sentence with a subject and a verb.
        subject: name of the node, store or cookie.
        before, after: as texts; empty where there was nothing.
        cause: what such a change is known to do to sessions; empty if it is harmless as such.
    """

    what: str
    subject: str
    before: str
    after: str
    cause: str = ""


def changes(old: Gathered, new: Gathered, apart_s: float) -> tuple[Change, ...]:
    """What differs; `apart_s` is the time between the scans."""
    return (
        *_cookies(_first(old, Visits), _first(new, Visits)),
        *_rings(_first(old, KeyRings), _first(new, KeyRings)),
        *_routes(_first(old, Replay), _first(new, Replay)),
        *(change for before, after in _pairs(old, new, Census) for change in _sessions(before, after)),
        *(change for before, after in _pairs(old, new, RedisServer) for change in _servers(before, after, apart_s)),
    )


def _first(gathered: Gathered, kind: type[Any]) -> Any:
    return next((piece.value for piece in gathered.of(kind) if piece.value is not None), None)


def _pairs(old: Gathered, new: Gathered, kind: type[Any]) -> Iterator[tuple[Any, Any]]:
    """The evidence of each subject that both have."""
    before = {piece.subject: piece.value for piece in old.of(kind) if piece.value is not None}
    for piece in new.of(kind):
        if piece.value is not None and piece.subject in before:
            yield before[piece.subject], piece.value


def _cookies(old: Visits | None, new: Visits | None) -> Iterator[Change]:
    if not (old and new):
        return
    before = {cookie.name: cookie for cookie in old.cookies}
    for cookie in new.cookies:
        if cookie.name in before:
            yield from _attributes(before[cookie.name], cookie)
    was, now = old.session_cookie, new.session_cookie
    if was and now and was.name != now.name:
        yield Change("the session cookie has another name", "site", was.name, now.name, "mixed-version-deploy")


def _attributes(old: Cookie, new: Cookie) -> Iterator[Change]:
    for attribute, word, cause in _ATTRIBUTES:
        before, after = getattr(old, attribute), getattr(new, attribute)
        if before != after:
            yield Change(f"the cookie {new.name} has another {word}", new.name, _text(before), _text(after), cause)


def _rings(old: KeyRings | None, new: KeyRings | None) -> Iterator[Change]:
    before = {ring.node: ring.ids for ring in old.rings} if old else {}
    for ring in new.rings if new else ():
        known = before.get(ring.node, frozenset())
        if known and ring.ids and not known & ring.ids:
            what = f"the key ring of {ring.node} has none of the keys it had"
            yield Change(what, ring.node, _several(known), _several(ring.ids), "dp-keyring-ephemeral")


def _routes(old: Replay | None, new: Replay | None) -> Iterator[Change]:
    before, after = _route_of_nodes(old), _route_of_nodes(new)
    for node in before.keys() & after.keys():
        if before[node] != after[node]:
            what = f"{node} puts another route into session ids"
            yield Change(what, node, before[node], after[node], "route-id-mismatch")


def _route_of_nodes(replay: Replay | None) -> dict[str, str]:
    visits = replay.visits if replay else ()
    return {visit.node: cookie.route for visit in visits for cookie in visit.cookies if cookie.route}


def _sessions(old: Census, new: Census) -> Iterator[Change]:
    was, now = _by_prefix(old), _by_prefix(new)
    for prefix, group in now.items():
        if prefix in was:
            yield from _values(old.store, was[prefix], group)
        elif others := [known for known, each in was.items() if each.product == group.product]:
            what = f"new sessions in {old.store} have another key prefix"
            yield Change(what, old.store, _several(others), prefix, "key-prefix-mismatch")


def _by_prefix(census: Census) -> dict[str, Group]:
    return {group.prefix: group for group in census.groups if group.keys}


def _values(store: str, old: Group, new: Group) -> Iterator[Change]:
    if old.encodings and (added := new.encodings.keys() - old.encodings.keys()):
        what = f"sessions in {store} are written in another format"
        yield Change(what, store, _several(old.encodings), _several(added), "serializer-format-mismatch")
    for name, versions in new.classes.items():
        known = old.classes.get(name, {})
        if known and (added_ids := versions.keys() - known.keys()):
            what = f"sessions in {store} hold {name} in another version"
            yield Change(
                what, store, _several(map(str, known)), _several(map(str, added_ids)), "class-version-mismatch"
            )


def _servers(old: RedisServer, new: RedisServer, apart_s: float) -> Iterator[Change]:
    restarted = new.uptime_s < min(apart_s, old.uptime_s + apart_s) and new.uptime_s < old.uptime_s + apart_s / 2
    flushed = [name for name in ("flushall", "flushdb") if new.commands.get(name, 0) > old.commands.get(name, 0)]
    fewer = old.keys > 0 and new.keys < old.keys * _KEPT
    before, after = f"{old.keys} keys", f"{new.keys} keys"
    if restarted and fewer:
        yield Change(
            f"{new.store} was restarted and came back without its keys", new.store, before, after, "store-data-loss"
        )
    elif flushed and not restarted:
        yield Change(f"{new.store} was emptied by {flushed[0].upper()}", new.store, before, after, "store-data-loss")
    if old.role != new.role:
        cause = "redis-readonly" if new.role in {"slave", "replica"} else ""
        yield Change(f"{new.store} has another role", new.store, old.role, new.role, cause)
    if old.policy != new.policy:
        cause = "" if new.policy in {"noeviction", ""} else "store-eviction"
        yield Change(f"{new.store} has another eviction policy", new.store, old.policy, new.policy, cause)


def _text(value: object) -> str:
    return (
        {True: "set", False: "not set", "": "not set"}.get(value, str(value)) if isinstance(value, bool | str) else ""
    )


def _several(values: Any) -> str:
    """The first three."""
    named = sorted(values)
    return ", ".join(named[:3]) + (" ..." if len(named) > 3 else "")
