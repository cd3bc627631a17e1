"""Where in the declared stores the probe's own sessions are, and what happens to their keys."""

from __future__ import annotations

from dataclasses import dataclass


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
