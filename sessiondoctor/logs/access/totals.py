"""What an access log comes to, whichever engine counted: equal data, equal totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

PAUSE = 300  # seconds without a request after which a new session id is ordinary
MOST_PATHS = 20_000  # pairs of path and node; beyond, first segments are no parts of a site
OFTEN = 3  # new ids of one client that are no log-in


@dataclass(frozen=True, slots=True)
class Sessions:
    """Counts of sessions; each by what all its requests were, in whatever order the lines stand.

    Attributes:
        seen: different session ids, without the route of a node in them.
        again: with at least two requests whose node is known; of these
        kept_requests, kept_denied, moved_requests, moved_denied: requests, and those with a status that says "log in"
            (401, 403, 419, 440), of sessions that met one node, and several.
        moved: that met several nodes; of these
        moved_retried: one request was tried on several nodes;
        moved_apart: they left a node for good before they met the next one;
        moved_addresses, moved_families: came from several addresses, by IPv4 and IPv6;
        moved_routes: their id named several nodes.
        addresses, families: all sessions that came from several addresses, by IPv4 and IPv6.
        once: of a single request.
        clients: addresses that had one session at a time;
        clients_renewed: of these, the ones that had a new id `OFTEN` times within `PAUSE` after the one before.
    """

    seen: int = 0
    again: int = 0
    kept_requests: int = 0
    kept_denied: int = 0
    moved_requests: int = 0
    moved_denied: int = 0
    moved: int = 0
    moved_retried: int = 0
    moved_apart: int = 0
    moved_addresses: int = 0
    moved_families: int = 0
    moved_routes: int = 0
    addresses: int = 0
    families: int = 0
    once: int = 0
    clients: int = 0
    clients_renewed: int = 0


@dataclass(frozen=True, slots=True)
class Traffic:
    """Counts of requests.

    Attributes:
        retried: tried on several nodes.
        nodes: by node and minute since 1970 (0 where no time is known) -> requests; without the ones of unknown node.
        statuses: first digit -> requests.
        paths: first segment of the path and node -> requests.
    """

    retried: int = 0
    nodes: Mapping[tuple[str, int], int] = field(default_factory=dict)
    statuses: Mapping[int, int] = field(default_factory=dict)
    paths: Mapping[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Totals:
    """All of it.

    Attributes:
        moves: of sessions that left a node for good: that node and the minute in which the next one met them -> moves.
        births: minute of a session's first request -> sessions.
    """

    sessions: Sessions = field(default_factory=Sessions)
    traffic: Traffic = field(default_factory=Traffic)
    moves: Mapping[tuple[str, int], int] = field(default_factory=dict)
    births: Mapping[int, int] = field(default_factory=dict)
