"""What must survive a deploy or a restart, compared: the evidence of a scan before and of one after it.

A change here is no finding: what was seen is that two things differ, and the cause that such a difference is known for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sessiondoctor.evidence.configs.files import Configs
from sessiondoctor.evidence.entry.resumed import Resumed
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.keys.key_rings import KeyRings
from sessiondoctor.evidence.keys.key_sets import KeySets
from sessiondoctor.evidence.keys.secret_prints import SecretPrints
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.evidence.stores.census import Census
from sessiondoctor.evidence.stores.located import Located
from sessiondoctor.evidence.stores.redis_server import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.evidence.responses.cookie import Cookie
    from sessiondoctor.evidence.stores.census import Group
    from sessiondoctor.evidence.stores.located import Place

ROTATED: Final = "key-rotation-no-overlap"
RING_LOST: Final = "dp-keyring-ephemeral"
MADE_AT_START: Final = "secret-regenerated-at-boot"
EMPTIED: Final = "store-data-loss"
IN_MEMORY: Final = "node-local-store"
READING: Final = frozenset(
    {ROTATED, RING_LOST, "key-prefix-mismatch", "serializer-format-mismatch", "class-version-mismatch"}
)
"""Causes of which a session that was read before and after shows that nothing came."""

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


def changes(old: Gathered, new: Gathered, apart_s: float, *, comparable: bool = False) -> tuple[Change, ...]:
    """What differs; `apart_s` is the time between the scans, `comparable` whether fingerprints of both may be compared.

    Of a session that was left before and read after, the first change says what became of it and why.
    """
    found = (
        *_cookies(_first(old, Visits), _first(new, Visits)),
        *_rings(_first(old, KeyRings), _first(new, KeyRings)),
        *_key_sets(_first(old, KeySets), _first(new, KeySets)),
        *(_secrets(old, new) if comparable else ()),
        *_routes(_first(old, Replay), _first(new, Replay)),
        *_placed(_first(old, Located), _first(new, Located)),
        *(change for before, after in _pairs(old, new, Census) for change in _sessions(before, after)),
        *(change for before, after in _pairs(old, new, RedisServer) for change in _servers(before, after, apart_s)),
    )
    found = tuple({(one.subject, one.cause or one.what): one for one in reversed(found)}.values())[::-1]
    resumed: Resumed | None = _first(new, Resumed)
    if resumed and resumed.states and not resumed.refused:
        return tuple(replace(one, cause="" if one.cause in READING else one.cause) for one in found)
    if resumed and resumed.refused and not resumed.may_have_ended:
        why = _why(resumed, found, _first(old, Located), _first(new, Configs))
        lost = Change("the session from before is not known after", "site", "known", "not known", why)
        return (lost, *found)
    return found


def _why(resumed: Resumed, found: tuple[Change, ...], before: Located | None, configs: Configs | None) -> str:
    """The cause of the loss: what has changed, else what is left where nothing that was seen has."""
    if resumed.stored == "gone":
        return EMPTIED
    known = READING if resumed.stored == "there" else READING | {EMPTIED}
    if causes := [one.cause for one in found if one.cause in known]:
        return causes[0]
    if resumed.stored == "there" or resumed.holds_state:
        origins = {secret.origin for secret in configs.secrets} if configs else set()
        return MADE_AT_START if "made-at-start" in origins else ROTATED if resumed.signed else ""
    nowhere = before and before.searchable and before.sessions and not any(one.places for one in before.sessions)
    return IN_MEMORY if nowhere else ""


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
            yield Change(what, ring.node, _several(known), _several(ring.ids), RING_LOST)


def _key_sets(old: KeySets | None, new: KeySets | None) -> Iterator[Change]:
    """Published keys; one answer of the public entry may be another node's."""
    before, after = (_ids_by_node(sets) for sets in (old, new))
    for node in before.keys() & after.keys():
        if not before[node] & after[node]:
            what = f"the key set of {node or 'the site'} has none of the keys it had"
            yield Change(what, node or "site", _several(before[node]), _several(after[node]), ROTATED)


def _ids_by_node(sets: KeySets | None) -> dict[str, frozenset[str]]:
    known: dict[str, frozenset[str]] = {}
    for answer in sets.answers if sets else ():
        known[answer.node] = known.get(answer.node, frozenset()) | frozenset(answer.ids)
    return {node: ids for node, ids in known.items() if ids}


def _secrets(old: Gathered, new: Gathered) -> Iterator[Change]:
    """Of which the fingerprints differ; the secrets themselves are in no bundle."""
    before, after = _prints(old), _prints(new)
    for (owner, name), known in before.items():
        print_ = after.get((owner, name), known)
        if print_ != known:
            what = f"{owner} has another {name or 'secret'}"
            yield Change(what, owner, known, print_, ROTATED)


def _prints(gathered: Gathered) -> dict[tuple[str, str], str]:
    """By owner and name of the setting."""
    declared: SecretPrints | None = _first(gathered, SecretPrints)
    configs: Configs | None = _first(gathered, Configs)
    literal = (secret for secret in configs.secrets if secret.print) if configs else ()
    told = {(secret.owner, secret.variable): secret.print for secret in literal if secret.use != "other"}
    return {**{(node, ""): print_ for node, print_ in (declared.prints if declared else {}).items()}, **told}


def _placed(old: Located | None, new: Located | None) -> Iterator[Change]:
    """Sessions of the scans themselves, by the store that has them."""
    before, after = _places(old), _places(new)
    for store in before.keys() & after.keys():
        yield from _written_otherwise(store, before[store], after[store])


def _places(located: Located | None) -> dict[str, list[Place]]:
    found: dict[str, list[Place]] = {}
    for session in located.sessions if located else ():
        for place in session.places:
            found.setdefault(place.store, []).append(place)
    return found


def _written_otherwise(store: str, old: list[Place], new: list[Place]) -> Iterator[Change]:
    was, now = {place.prefix for place in old}, {place.prefix for place in new}
    if now - was:
        what = f"new sessions in {store} have another key prefix"
        yield Change(what, store, _several(was), _several(now - was), "key-prefix-mismatch")
    was, now = {place.encoding for place in old}, {place.encoding for place in new}
    if now - was:
        what = f"sessions in {store} are written in another format"
        yield Change(what, store, _several(was), _several(now - was), "serializer-format-mismatch")
    versions: dict[str, set[int]] = {}
    for place in old:
        for name, version in place.classes.items():
            versions.setdefault(name, set()).add(version)
    for name, version in {pair for place in new for pair in place.classes.items()}:
        known = versions.get(name)
        if known and version not in known:
            what = f"sessions in {store} hold {name} in another version"
            yield Change(what, store, _several(map(str, known)), str(version), "class-version-mismatch")


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
        yield Change(f"{new.store} was restarted and came back without its keys", new.store, before, after, EMPTIED)
    elif flushed and not restarted:
        yield Change(f"{new.store} was emptied by {flushed[0].upper()}", new.store, before, after, EMPTIED)
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
