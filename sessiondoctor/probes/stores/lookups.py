"""What a node does with the key of a session that it is asked for: find it, miss it, delete it, or never ask.

A key's time of last use, where the store keeps one, tells exactly whether this key was looked up. That another key was
looked up shows in the store's count of misses, which all its clients share: hence control windows without a request.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from sessiondoctor.evidence.stores.located import How, Lookup, Outcome, Said
from sessiondoctor.stores.contract import CountsTraffic, Keyspace, StoredSession, TellsUse, Traffic

REST_S = 2.2
"""Without any request: stores keep the time of last use in whole seconds, and 2 of them must have passed."""

QUICK = 4
"""Reads one after the other: they suffice where the store's counters stand still."""

RESTED = 2
"""Reads after a rest each: they tell whether the key itself was used."""

ROUNDS = QUICK + RESTED
"""Reads of one session by one node that are watched at most, after the first."""

_IDLE_S = 2.0
_QUICK_S = 1.0  # a read that takes longer may end with a key that is idle again
_RENEWED_S = 1.0
_LAST_SECOND = 1.0  # a key that has no longer to live may expire by itself
_CERTAIN = 0.02  # doubt at which no more is asked
_VAGUE = 0.3  # doubt from which nothing is said
_SLIGHT = 0.01
_EVEN = 0.5


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


async def sight(stored_sessions: Sequence[StoredSession]) -> Sight:
    """Looks at the keys without using them."""
    at = asyncio.get_running_loop().time()
    lives = tuple([await stored.ttl_s() for stored in stored_sessions])
    idle = tuple([await stored.idle_s() if isinstance(stored, TellsUse) else None for stored in stored_sessions])
    return Sight(at, lives, idle)


@dataclass(frozen=True, slots=True)
class Window:
    """Whether keys were found, missed, and given up by the store itself, while a request was under way."""

    hit: bool
    missed: bool
    given_up: bool = False


@dataclass(slots=True)
class Instruments:
    """What the stores count, read around one request at a time, for all sessions.

    Attributes:
        tells_use: a read that found its session was seen in the key's time of last use.
        control: windows without a request of ours: what other clients do.
        turn: held by whoever looks at keys or reads a session: servers count our looks, too.
    """

    keyspaces: Sequence[Keyspace]
    tells_use: bool = False
    control: list[Window] = field(default_factory=list)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def now(self) -> Traffic | None:
        """The sums of all servers; None if one of them does not count."""
        servers = {
            keyspace.server if isinstance(keyspace, CountsTraffic) else "": keyspace for keyspace in self.keyspaces
        }
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

    async def around(self, read: Reader) -> tuple[Read, Window | None]:
        """A read, and what was counted during it; then as long a time without one, unless nothing was counted."""
        clock = asyncio.get_running_loop().time
        before, started = await self.now(), clock()
        done = await read()
        after, took = await self.now(), clock() - started
        window = _window(before, after)
        if window and (window.hit or window.missed):
            await asyncio.sleep(took)
            if control := _window(after, await self.now()):
                self.control.append(control)
        return done, window

    def doubt_of_hits(self, windows: int) -> float:
        """The probability that in so many windows the keys found were all found by others."""
        return _doubt(sum(window.hit for window in self.control), len(self.control), windows)

    def doubt_of_misses(self, windows: int) -> float:
        """The probability that in so many windows the misses were all those of others."""
        return _doubt(sum(window.missed for window in self.control), len(self.control), windows)


def _window(before: Traffic | None, after: Traffic | None) -> Window | None:
    if before is None or after is None:
        return None
    given_up = after.evicted + after.expired > before.evicted + before.expired
    return Window(after.hits > before.hits, after.misses > before.misses, given_up)


def _doubt(noisy: int, control: int, windows: int) -> float:
    """Others fill a window as often as they filled control windows (Krichevsky-Trofimov); the odds are even before."""
    by_others = ((noisy + 0.5) / (control + 1)) ** windows
    return by_others / (1 + by_others)


_Key = tuple[str, Said]
"""A node and what it answered: one that is not named may be several."""


@dataclass(slots=True)
class _Tally:
    """Reads that did not tell by themselves what became of the key. `used` is None while nothing shows it."""

    windows: list[Window] = field(default_factory=list)
    used: bool | None = None


@dataclass(slots=True)
class Examination:
    """Reads of one session.

    Attributes:
        found: what is certain.
        rested: the keys were not used for `rest_s`.
        missed: in some read a key was looked for that does not exist.
    """

    stored_sessions: Sequence[StoredSession]
    instruments: Instruments
    rest_s: float = REST_S
    rested: bool = False
    missed: bool = False
    found: dict[_Key, Lookup] = field(default_factory=dict)
    tallies: dict[_Key, _Tally] = field(default_factory=dict)

    async def look(self) -> Sight:
        """The keys as they are now."""
        async with self.instruments.turn:
            return await sight(self.stored_sessions)

    async def read(self, read: Reader) -> tuple[Read, Sight] | None:
        """One read, and the keys after it; keeps what it shows. None if a key is gone or about to expire."""
        async with self.instruments.turn:
            before = await sight(self.stored_sessions)
            if not before.lasting:
                return None
            done, window = await self.instruments.around(read)
            after = await sight(self.stored_sessions)
        self._note(done, window, before, after)
        return done, after

    def _note(self, done: Read, window: Window | None, before: Sight, after: Sight) -> None:
        used = after.used(before)
        self.instruments.tells_use |= done.said == "kept" and used is True
        self.rested = used is False
        self.missed = self.missed or bool(window and window.missed)
        outcome, how = seen(done.said, before, after, window)
        key = (done.node, done.said)
        if outcome == "unclear":
            tally = self.tallies.setdefault(key, _Tally())
            tally.windows += [window] if window else []
            tally.used = False if used is False and self.instruments.tells_use else tally.used
        elif outcome != "not-asked" or key not in self.found:
            self.found[key] = Lookup(done.node, outcome, done.said, how)

    async def run(self, read: Reader, rounds: int, *, rest_s: float) -> None:
        """Reads until it is known what each node that refused the session does; ends when the key is gone."""
        for _ in range(rounds):
            if not self.open_questions():
                return
            if not self.rested:
                await asyncio.sleep(rest_s)
            if await self.read(read) is None:
                return

    def open_questions(self) -> set[str]:
        """Nodes that refused the session, and what they do with its key is not certain."""
        return {look.node for look in self.lookups() if look.said in {"lost", "error"} and not self._certain(look)}

    def _certain(self, look: Lookup) -> bool:
        by_use = look.outcome != "hit" or look.how != "counters" or not self.instruments.tells_use
        return look.outcome != "unclear" and look.doubt <= _CERTAIN and by_use

    def lookups(self) -> tuple[Lookup, ...]:
        """What each node did; what one did for certain at any time stands for all its reads."""
        told = (self._told(*key, tally) for key, tally in self.tallies.items() if key not in self.found)
        return (*self.found.values(), *told)

    def _told(self, node: str, said: Said, tally: _Tally) -> Lookup:
        """What the counters tell, as a node does the same each time: what is not in each window is not its doing.

        A node may make a session under the key that it missed, as PHP does: hits of that key follow, by it and by
        others that look under it.
        """
        windows, unclear = tally.windows, Lookup(node, "unclear", said)
        if not windows:
            return unclear
        active = all(window.hit or window.missed for window in windows)
        other_key = self.missed
        this_key = tally.used is not False and all(window.hit for window in windows)
        if not active or not (other_key or this_key):
            return Lookup(node, "not-asked", said, "counters", _SLIGHT)
        outcome, doubt = self._active(tally)
        return unclear if doubt > _VAGUE else Lookup(node, outcome, said, "counters", max(_SLIGHT, round(doubt, 3)))

    def _active(self, tally: _Tally) -> tuple[Outcome, float]:
        """What keys found or missed in each window mean, and the doubt."""
        windows, instruments = tally.windows, self.instruments
        hits, missed = all(window.hit for window in windows), sum(window.missed for window in windows)
        if tally.used is not False and hits:
            return "hit", _EVEN if self.missed else instruments.doubt_of_hits(len(windows))
        return "miss", min(instruments.doubt_of_misses(missed), instruments.doubt_of_hits(len(windows) if hits else 0))


def seen(said: Said, before: Sight, after: Sight, window: Window | None) -> tuple[Outcome, How]:
    """What one read shows by itself."""
    if after.gone and before.lasting:
        return ("unclear", "") if window and window.given_up else ("deleted", "gone")
    if said == "kept":
        return ("not-asked", "counters") if window and not window.hit else ("hit", "state")
    if after.since(before):
        return "hit", "expiry"
    return ("hit", "use") if after.used(before) else ("unclear", "")
