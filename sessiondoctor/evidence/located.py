"""Where in the declared stores the probe's own sessions are, and what happens to their keys."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


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
        ttl_after_read_s: after a pause of `paused_s` and one more request; None if that was not asked.
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
    classes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LocatedSession:
    """A session made on `node` directly (or through the site, then `node` is who answered) and where its key is.

    Attributes:
        places: empty: in no store that was searched.
        gone_after_read_on: nodes after whose read of this session the key no longer existed.
    """

    node: str
    session: str
    places: tuple[Place, ...]
    gone_after_read_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Located:
    """`searchable` is False where the cookie does not tell the key (an encrypted id) or state is in the cookie."""

    sessions: tuple[LocatedSession, ...]
    searched: tuple[str, ...]
    searchable: bool = True
    why_not: str = ""

    def on_own_disk(self) -> frozenset[str]:
        """Nodes whose sessions are in files where no other node has its own: on a disk that is not shared."""
        places = {session.node: session.places[0] for session in self.sessions if session.places}
        users = Counter(place.home for place in places.values())
        alone = {node for node, place in places.items() if place.on_disk and users[place.home] == 1}
        return frozenset(alone if len(places) > 1 else ())
