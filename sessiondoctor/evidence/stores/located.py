"""Where in the declared stores the probe's own sessions are, and what happens to their keys."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["hit", "miss", "deleted", "not-asked", "unclear"]
"""What a node did with the key of a session that it was asked for: found it; looked under another key, at first in
vain; found it and deleted it; did not ask any store that was searched; or that could not be told."""

Said = Literal["kept", "lost", "error", "unknown"]
"""What the node answered: the state was there; it was not; a server error; or the answer does not tell."""

How = Literal["state", "gone", "expiry", "use", "counters", ""]
"""How the outcome is known: the state was in the answer; the key is gone; its expiry was renewed; its time of last use
changed, or did not; the store's counters of hits and misses."""


@dataclass(frozen=True, slots=True)
class Place:
    """One key that holds a probe session. `layout` is the product whose layout the key has; times in seconds.

    Attributes:
        endpoint: host:port, socket path or file of the server that has it.
        home: what must be the same for all nodes: host:port/database, or all servers of a ring or cluster.
        prefix: the key without the session id.
        ttl_s: right after the write; -1 means no expiry; None if it could not be read.
        on_disk: it is in a file, which other nodes see only where they share the disk.
        timeless: the store does not tell when a session ends: the application's own clean-up decides.
        classes: Java class -> serialVersionUID of the objects in it.
        ttl_after_read_s: after a pause of `paused_s` and one more request that found the session; None if there was
            none.
        ttl_last_s: at the end, `last_s` after the write; None if it is gone or was not read.
        beyond_s: how much longer than the session the framework keeps this key.
    """

    store: str
    endpoint: str
    home: str
    prefix: str
    layout: str
    encoding: str
    ttl_s: float | None
    ttl_after_read_s: float | None = None
    paused_s: float = 0.0
    size_bytes: int | None = None
    on_disk: bool = False
    timeless: bool = False
    ttl_last_s: float | None = None
    last_s: float = 0.0
    beyond_s: float = 0.0
    classes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lookup:
    """One node was asked for a session, and what it did with the session's key.

    Attributes:
        node: who answered; empty if nothing says.
        doubt: the probability that the outcome is another one.
    """

    node: str
    outcome: Outcome
    said: Said
    how: How = ""
    doubt: float = 0.0


@dataclass(frozen=True, slots=True)
class LocatedSession:
    """A session made on `node` directly (or through the site, then `node` is who answered) and where its key is.

    Attributes:
        places: empty: in no store that was searched.
        gone_after_read_on: nodes after whose read of this session the key no longer existed.
        lookups: what each node did with the key when it was asked for the session, the maker among them.
        vanished_after_s: since the write, if the key was gone before its time and no request came in between.
    """

    node: str
    session: str
    places: tuple[Place, ...]
    gone_after_read_on: tuple[str, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    vanished_after_s: float | None = None

    @property
    def elsewhere(self) -> tuple[Lookup, ...]:
        """What others than the maker did; where nodes are not told apart, all."""
        return tuple(look for look in self.lookups if look.node != self.node or not look.node)


@dataclass(frozen=True, slots=True)
class Copy:
    """A session on a replica of its store, in seconds since it was written.

    Attributes:
        arrived_s: when it was first seen there; None if it did not come in the time that was waited.
        absent_s: when it was last missed there; 0.0 if it was there at the first look.
    """

    node: str
    store: str
    replica: str
    arrived_s: float | None
    absent_s: float


@dataclass(frozen=True, slots=True)
class Located:
    """`searchable` is False where the cookie does not tell the key (an encrypted id) or state is in the cookie.

    Attributes:
        evicted, expired: keys that the stores gave up while these sessions were watched; None if that is not counted.
        copies: the sessions on the replicas that their stores declare.
    """

    sessions: tuple[LocatedSession, ...]
    searched: tuple[str, ...]
    searchable: bool = True
    why_not: str = ""
    evicted: int | None = None
    expired: int | None = None
    copies: tuple[Copy, ...] = ()

    def refused(self, outcome: Outcome) -> tuple[tuple[str, str], ...]:
        """Pairs of maker and reader, where the reader did this with the key and did not know the session.

        A reader that fails before it asks for the key may know the session as well as any.
        """
        said = {"lost"} if outcome == "not-asked" else {"lost", "error"}
        return tuple(
            (session.node, look.node)
            for session in self.sessions
            for look in session.elsewhere
            if look.outcome == outcome and look.said in said
        )

    def without_asking(self) -> tuple[tuple[str, str], ...]:
        """Pairs of maker and reader, where the reader knew the session and asked no searched store for it."""
        return tuple(
            (session.node, look.node)
            for session in self.sessions
            for look in session.elsewhere
            if look.outcome == "not-asked" and look.said == "kept"
        )

    def told(self) -> bool:
        """Whether it is known of any node what it did with the key of another's session."""
        return any(look.outcome != "unclear" for session in self.sessions for look in session.elsewhere)

    def settled(self) -> bool:
        """Whether it is known of every node that refused a session what it did with the key, and of any at all."""
        refusals = (look for session in self.sessions for look in session.elsewhere if look.said in {"lost", "error"})
        return self.told() and not any(
            look.outcome == "unclear" or (look.outcome == "not-asked" and look.said == "error") for look in refusals
        )

    def odd_one(self, outcome: Outcome) -> tuple[str, ...]:
        """The node that all such pairs have in common, if it is one alone; else the only one that read."""
        pairs = self.refused(outcome)
        shared = set.intersection(*(set(pair) for pair in pairs)) if pairs else set()
        readers = {reader for _, reader in pairs}
        found = shared if len(shared) == 1 else readers
        return tuple(found) if len(found) == 1 and "" not in found else ()

    def on_own_disk(self) -> frozenset[str]:
        """Nodes whose sessions are in files where no other node has its own: on a disk that is not shared."""
        places = {session.node: session.places[0] for session in self.sessions if session.places}
        users = Counter(place.home for place in places.values())
        alone = {node for node, place in places.items() if place.on_disk and users[place.home] == 1}
        return frozenset(alone if len(places) > 1 else ())
