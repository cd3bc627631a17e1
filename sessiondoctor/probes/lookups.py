"""What a node does with the key of a session that it is asked for: find it, miss it, delete it, or never ask.

A key's time of last use, where the store keeps one, tells exactly whether this key was looked up. That another key was
looked up shows in the store's count of misses, which all its clients share: hence control windows without a request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from sessiondoctor.evidence.located import How, Lookup, Outcome, Said
from sessiondoctor.stores.contract import CountsTraffic, Shelf, Spot, TellsUse, Traffic

REST_S = 2.2
"""Without any request: stores keep the time of last use in whole seconds, and 2 of them must have passed."""

ROUNDS = 6
"""Reads of one session by one node that are watched at most."""

_IDLE_S = 2.0
_QUICK_S = 1.0  # a read that takes longer may end with a key that is idle again
_RENEWED_S = 1.0
_LAST_SECOND = 1.0  # a key that has no longer to live may expire by itself
_CERTAIN = 0.05  # doubt at which no more is asked
_VAGUE = 0.3  # doubt from which nothing is said
_SLIGHT = 0.01


@dataclass(frozen=True, slots=True)
class Read:
    """A read of the session: who answered (empty if nothing says), and what, if there was any response."""

    node: str
    said: Said
    answered: bool = True


Reader = Callable[[], Awaitable[Read]]


@dataclass(frozen=True, slots=True)
class Sight:
    """The session's keys at one moment of the event loop's clock: seconds to live, and without use."""

    at: float
    lives: tuple[float | None, ...]
    idle: tuple[float | None, ...] = ()

    @property
    def gone(self) -> bool:
        """Whether not one of the keys exists."""
        return not any(life is not None for life in self.lives)

    @property
    def lasting(self) -> bool:
        """Whether each key exists, and not just for a moment."""
        return all(life is not None and (life < 0 or life > _LAST_SECOND) for life in self.lives)

    def since(self, before: Sight) -> bool:
        """Whether a key was renewed after `before`."""
        passed = self.at - before.at
        pairs = zip(before.lives, self.lives, strict=True)
        return any(old and new and min(old, new) > 0 and new - old + passed > _RENEWED_S for old, new in pairs)

    def used(self, before: Sight) -> bool | None:
        """Whether a key was used after `before`; None if that cannot be told."""
        known = [(old, new) for old, new in zip(before.idle, self.idle, strict=True) if old is not None]
        if any(new is not None and new < old for old, new in known):
            return True
        slow = self.at - before.at >= _QUICK_S
        untold = len(known) < len(self.idle) or not known or min(old for old, _ in known) < _IDLE_S
        return None if slow or untold else False


async def sight(spots: Sequence[Spot]) -> Sight:
    """Looks at the keys without using them."""
    at = asyncio.get_running_loop().time()
    lives = tuple([await spot.ttl_s() for spot in spots])
    idle = tuple([await spot.idle_s() if isinstance(spot, TellsUse) else None for spot in spots])
    return Sight(at, lives, idle)


@dataclass(slots=True)
class Instruments:
    """What the stores count, read around one request at a time, for all sessions.

    Attributes:
        tells_use: a read that found its session was seen in the key's time of last use.
        quiet: control windows in which no key was missed.
        noisy: those in which one was, by some other client.
    """

    shelves: Sequence[Shelf]
    tells_use: bool = False
    quiet: int = 0
    noisy: int = 0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def now(self) -> Traffic | None:
        """The sums of all servers; None if one of them does not count."""
        servers = {shelf.server if isinstance(shelf, CountsTraffic) else "": shelf for shelf in self.shelves}
        counted = [await one.traffic() if isinstance(one, CountsTraffic) else None for one in servers.values()]
        known = [traffic for traffic in counted if traffic]
        if not known or len(known) < len(counted):
            return None
        return Traffic(
            sum(one.hits for one in known),
            sum(one.misses for one in known),
            sum(one.evicted for one in known),
            sum(one.expired for one in known),
        )

    async def around(self, read: Reader) -> tuple[Read, Traffic | None]:
        """A read, and what was counted during it; then as long a time without one, if a key was missed."""
        async with self.turn:
            clock = asyncio.get_running_loop().time
            before, started = await self.now(), clock()
            done = await read()
            after, took = await self.now(), clock() - started
            if before is None or after is None:
                return done, None
            if after.misses > before.misses:
                await asyncio.sleep(took)
                await self._control(after)
        return done, Traffic(after.hits - before.hits, after.misses - before.misses)

    async def _control(self, before: Traffic) -> None:
        after = await self.now()
        if after and after.misses > before.misses:
            self.noisy += 1
        elif after:
            self.quiet += 1

    def doubt(self, windows: int) -> float:
        """The probability that in so many windows the misses were all those of others.

        Misses of others fill a window with the share of control windows that they filled (Krichevsky-Trofimov);
        before any window was seen, a miss is as likely as none.
        """
        by_others = ((self.noisy + 0.5) / (self.quiet + self.noisy + 1)) ** windows
        return by_others / (1 + by_others)


@dataclass(slots=True)
class _Tally:
    """Reads of one node that did not find the session. `blank`: in one of them no key was missed."""

    said: Said
    windows: int = 0
    blank: bool = False
    hits: bool = False
    unused: bool = True


@dataclass(slots=True)
class Examination:
    """Reads of one session, watched closely.

    Attributes:
        found: what is certain, by node.
        rested: the keys were not used since the last rest.
    """

    spots: Sequence[Spot]
    instruments: Instruments
    rest_s: float = REST_S
    rested: bool = False
    found: dict[str, Lookup] = field(default_factory=dict)
    tallies: dict[str, _Tally] = field(default_factory=dict)

    async def run(self, read: Reader, nodes: set[str]) -> None:
        """Reads until it is known what each of these nodes does, or often enough; ends when the key is gone."""
        for _ in range(ROUNDS):
            if not nodes - self.settled():
                return
            if not self.rested:
                await asyncio.sleep(self.rest_s)
            before = await sight(self.spots)
            if not before.lasting:
                return
            done, counted = await self.instruments.around(read)
            self._note(done, counted, before, await sight(self.spots))

    def settled(self) -> set[str]:
        """Nodes of which no more need be asked."""
        sure = {node for node in self.tallies if self._of(node).outcome != "unclear" and self._sure(node)}
        return {*self.found, *sure}

    def lookups(self) -> tuple[Lookup, ...]:
        """What each node did."""
        return (*self.found.values(), *(self._of(node) for node in self.tallies if node not in self.found))

    def _note(self, done: Read, counted: Traffic | None, before: Sight, after: Sight) -> None:
        """Keeps what one read shows."""
        self.rested = after.used(before) is False
        outcome, how = seen(done.said, before, after)
        if outcome != "unclear":
            self.found[done.node] = Lookup(done.node, outcome, done.said, how)
            return
        tally = self.tallies.setdefault(done.node, _Tally(done.said))
        tally.unused = tally.unused and self.instruments.tells_use and after.used(before) is False
        if counted:
            tally.windows += counted.misses > 0
            tally.blank = tally.blank or not counted.misses
            tally.hits = tally.hits or counted.hits > 0

    def _sure(self, node: str) -> bool:
        return self._of(node).doubt <= _CERTAIN

    def _of(self, node: str) -> Lookup:
        tally = self.tallies[node]
        unclear = Lookup(node, "unclear", tally.said)
        if tally.blank:
            idle = tally.unused or not tally.hits
            return Lookup(node, "not-asked", tally.said, "counters", _SLIGHT) if idle else unclear
        doubt = self.instruments.doubt(tally.windows)
        if not tally.windows or doubt > _VAGUE:
            return unclear
        return Lookup(node, "miss", tally.said, "counters", round(doubt, 3))


def seen(said: Said, before: Sight, after: Sight) -> tuple[Outcome, How]:
    """What one read shows by itself."""
    if after.gone and before.lasting:
        return "deleted", "gone"
    if said == "kept":
        return "hit", "state"
    if after.since(before):
        return "hit", "expiry"
    return ("hit", "use") if after.used(before) else ("unclear", "")
