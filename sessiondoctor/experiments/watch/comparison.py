"""What has changed since the round before; the memory is brought up to this one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sessiondoctor.experiments.watch.attribution import clock, loss_of
from sessiondoctor.experiments.watch.clocks import of_clocks
from sessiondoctor.experiments.watch.memory import MOST_COOKIES, Evicting, Kept, ServerKnown
from sessiondoctor.experiments.watch.nodes import of_certificate, of_nodes
from sessiondoctor.experiments.watch.seen import Change

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessiondoctor.experiments.watch.memory import Memory
    from sessiondoctor.experiments.watch.seen import Seen, ServerSeen, StoreSeen

_EXPLAINS: Final = frozenset({
    "deployed", "node-down", "node-up", "node-left", "balancer", "store-restarted", "store-emptied", "evicted",
    "clock-stepped", "here",
})  # fmt: skip
_LONGER = 1.2
_QUIET = 10  # rounds without an eviction, before that is called over
_SIZES = ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def compare(memory: Memory, seen: Seen) -> tuple[Change, ...]:
    """All changes; those that may explain losses come before the losses."""
    changes: list[Change] = []
    for part in (of_nodes, _of_balancers, _of_stores, of_clocks):
        for change in part(memory, seen):
            changes.append(change)
            if change.kind in _EXPLAINS:
                memory.remember(change)
    changes += _of_sessions(memory, seen)
    changes += _of_cookies(memory, seen)
    changes += of_certificate(memory, seen)
    changes += unseen(memory, seen.troubles, seen.at)
    if not seen.troubles:
        memory.ok_at = seen.at
    return tuple(changes)


def unseen(memory: Memory, troubles: Mapping[str, str], at: float) -> Iterator[Change]:
    """What could not be looked at: said once, and once more when it can be again."""
    now = dict(troubles)
    for name, why in now.items():
        memory.count("failed_looks", name)
        if name not in memory.unseen:
            yield Change("could-not-look", name, f"{name} could not be looked at: {why}", at)
    for name in memory.unseen.keys() - now.keys():
        yield Change("looked-again", name, f"{name} can be looked at again", at)
    memory.unseen = now


def _of_balancers(memory: Memory, seen: Seen) -> Iterator[Change]:
    for server in seen.servers:
        key = f"{server.balancer} {server.name}"
        known, word = memory.servers.get(key), server.status.partition(" ")[0]
        memory.servers[key] = ServerKnown(word, server.went_down)
        if known is None:
            if memory.rounds and any(name.startswith(f"{server.balancer} ") for name in memory.servers if name != key):
                text = f"{server.balancer} has a new server, {server.name}"
                yield Change("node-appeared", server.name, text, seen.at)
        else:
            yield from _of_server(server, known, word, seen.at)
    spoke = {server.balancer for server in seen.servers}
    named = {f"{server.balancer} {server.name}" for server in seen.servers}
    for key in [key for key in memory.servers if key not in named and key.partition(" ")[0] in spoke]:
        balancer, _, name = key.partition(" ")
        del memory.servers[key]
        yield Change("node-left", name, f"{balancer} has no server {name} any more", seen.at)


def _of_server(server: ServerSeen, known: ServerKnown, word: str, at: float) -> Iterator[Change]:
    times = server.went_down - known.went_down
    if word != known.status:
        yield Change("balancer", server.name, f"{server.balancer} says that {server.name} is {word}", at)
    elif times > 0 and word == "UP":
        often = "once" if times == 1 else f"{times} times"
        text = f"{server.balancer} took {server.name} out {often}, and back"
        yield Change("balancer", server.name, text, at)


def _of_stores(memory: Memory, seen: Seen) -> Iterator[Change]:
    for store in seen.stores:
        known = memory.stores.get(store.name)
        memory.stores[store.name] = store
        if known:
            yield from _of_store(memory, known, store)


def _of_store(memory: Memory, known: StoreSeen, now: StoreSeen) -> Iterator[Change]:
    name = now.name
    restarted = now.uptime_s + 2 < max(known.uptime_s, now.at - known.at)
    if restarted:
        memory.count("store_restarts", name)
        text = f"{name} was restarted, or another server answers: it has been up for {now.uptime_s:.0f} s"
        yield Change("store-restarted", name, text, now.at)
    elif now.flushes > known.flushes:
        yield Change("store-emptied", name, f"{name} was emptied, of {known.keys:,} keys", now.at)
    yield from _of_evictions(memory, known, now, restarted=restarted)
    if now.role != known.role:
        yield Change("store-changed", name, f"{name} is a {now.role}, and was a {known.role}", now.at)
    if now.policy != known.policy:
        text = f"the eviction policy of {name} is {now.policy}, and was {known.policy}"
        yield Change("store-changed", name, text, now.at)
    if now.limit_bytes != known.limit_bytes:
        text = f"{name} may use {_size(now.limit_bytes)} of memory, and {_size(known.limit_bytes)} before"
        yield Change("store-changed", name, text, now.at)


def _of_evictions(memory: Memory, known: StoreSeen, now: StoreSeen, *, restarted: bool) -> Iterator[Change]:
    """When it begins, and when it has ended."""
    name, more = now.name, 0 if restarted else max(0, now.evicted - known.evicted)
    evicting = memory.evicting.get(name)
    if more:
        change = Change("evicted", name, f"{name} evicted {more:,} keys before their time", now.at)
        if evicting is None:
            yield change
        else:
            memory.remember(change)
        memory.evicting[name] = Evicting(evicting.before if evicting else known.evicted)
    elif evicting:
        evicting.quiet += 1
        if restarted or evicting.quiet >= _QUIET:
            del memory.evicting[name]
            total = max(0, known.evicted - evicting.before)
            yield Change("store-changed", name, f"{name} evicts no more, after {total:,} keys", now.at)


def _of_sessions(memory: Memory, seen: Seen) -> Iterator[Change]:
    kept = {_mark(one): one for one in memory.sessions}
    for one in seen.sessions:
        if one.here is not None:
            memory.count("session_reads", memory.label(one.before))
    yield from _moves(memory, seen)
    lost = Counter(_losses(memory, seen, kept))
    for (node, reason, words), times in lost.items():
        memory.count("sessions_lost", memory.label(node), reason, by=times)
        many = "1 session" if times == 1 else f"{times} sessions"
        of_node = f" of {node}" if node else ""
        text = f"{many}{of_node}, there at {_last(memory, node)}, lost {words}".replace(" ;", ";")
        yield Change("session-ended" if reason == "expiry" else "session-lost", node or "site", text, seen.at)
    _keep(memory, seen)


def _losses(memory: Memory, seen: Seen, kept: dict[float, Kept]) -> Iterator[tuple[str, str, str]]:
    for one in seen.sessions:
        if one.here is False:
            loss = loss_of(one, kept.get(one.visitor.made_at, Kept(one.visitor)), memory.recent, seen.at)
            yield loss.node, loss.reason, loss.words


def _last(memory: Memory, node: str) -> str:
    """When a session of this node was last seen to be there."""
    return clock(max((one.read_at for one in memory.sessions if one.visitor.home == node), default=memory.last_at))


def _moves(memory: Memory, seen: Seen) -> Iterator[Change]:
    """Said when it begins: where nobody promises affinity each round has some."""
    moved = [one for one in seen.sessions if one.node and one.before and one.node != one.before]
    for one in moved:
        memory.count("affinity_moves", memory.label(one.before))
    if moved and not memory.moving:
        ways = Counter(f"{one.before} to {one.node}" for one in moved)
        shown = ", ".join(f"{way} ({times})" for way, times in sorted(ways.items()))
        text = f"{len(moved)} of {len(seen.sessions)} sessions were led to another node: {shown}"
        yield Change("session-moved", "site", text, seen.at)
    if seen.sessions:
        memory.moving = bool(moved)


def _keep(memory: Memory, seen: Seen) -> None:
    """The sessions that are read next: those that are there, without the oldest where there are too many."""
    before = {one.visitor.made_at: one.read_at for one in memory.sessions}
    sessions = [
        Kept(one.visitor, one.asked_at if one.here else before.get(one.visitor.made_at, one.asked_at))
        for one in seen.sessions
        if one.here is not False
    ]
    for visitor in seen.born:
        memory.count("sessions_created", memory.label(visitor.home))
        sessions.append(Kept(visitor, visitor.made_at))
    for _ in range(max(0, len(sessions) - seen.most)):
        homes = Counter(one.visitor.home for one in sessions)
        most = max(homes.values())
        sessions.remove(next(one for one in sessions if homes[one.visitor.home] == most))
    memory.sessions = sessions


def _of_cookies(memory: Memory, seen: Seen) -> Iterator[Change]:
    for name, lifetime_s in sorted(seen.lifetimes.items()):
        known = memory.lifetimes.get(name)
        if known is None and len(memory.lifetimes) >= MOST_COOKIES:
            continue
        if known and not known / _LONGER <= lifetime_s <= known * _LONGER:
            text = f"the cookie {name} lives {lifetime_s:.0f} s, and {known:.0f} s before"
            yield Change("cookie", name, text, seen.at)
        memory.lifetimes[name] = lifetime_s


def _mark(kept: Kept) -> float:
    return kept.visitor.made_at


def _size(octets: int | None) -> str:
    if not octets:
        return "any amount"
    for unit, name in _SIZES:
        if octets >= unit:
            return f"{octets / unit:.1f} {name}"
    return f"{octets} bytes"
