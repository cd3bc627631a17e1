"""Access logs: which sessions met which nodes. No session id is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Absence:
    """A node that is otherwise busy answered nothing, while others did.

    Attributes:
        begin, end: minutes since 1970, both without a request.
        came: it had answered nothing before; `left`: it answers nothing afterwards.
    """

    node: str
    begin: int
    end: int
    came: bool = False
    left: bool = False


@dataclass(frozen=True, slots=True)
class Pool:
    """Nodes that answer some paths, and no other nodes do. `paths`: first segments, the busiest ones."""

    nodes: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AccessLog:
    """What one access log shows.

    Attributes:
        subject: the component that the user says it belongs to, else the file's name.
        format: as a person calls it; `cookie` is the name by which sessions were found, empty if lines hold none.
        lines: all of them; `unread` of these did not fit the format.
        first_at, last_at: minutes since 1970; 0 if lines have no time.
        sessions: different session ids, and `once` of these were seen in a single request.
        again: sessions of at least two requests whose nodes are known.
        sessions_on_several_nodes: of these.
        moved_by_retry: of those, the ones of which a request was tried on another node;
        moved_for_good: the ones that left a node and did not come back;
        moves_from_absent_nodes: how often the node that was left answered nobody at that minute;
        moved_with_addresses, moved_with_families: the ones from several addresses, by IPv4 and IPv6;
        moved_with_routes: the ones whose id named several nodes, as Tomcat's does after a fail-over.
        requests_kept, denied_kept: of sessions that kept to a node: requests, and those with 401, 403, 419 or 440;
        requests_moved, denied_moved: the same of sessions that met several nodes.
        sessions_with_several_addresses: sessions whose requests came from several client addresses.
        sessions_with_both_families: of these, from IPv4 and IPv6.
        requests_on_several_nodes: requests that a balancer tried on more than one node.
        clients: addresses with one session at a time, and `clients_with_new_ids` of these were given a new id again
            and again, soon after the one before.
        births: new sessions in a minute, the median; `births_peak` of them in the minute `births_peak_at`.
        nodes: name or address -> requests.
        statuses: first digit, such as `5xx` -> requests.
        absences: of nodes, the longest ones.
        paths: different first segments of paths; 0 if lines have none, or so many that they are no parts of a site.
        pools: where paths go to different nodes; else empty.
        cut: why reading ended before the end; empty if it did not.
    """

    subject: str
    file: str
    named: bool = False
    format: str = ""
    cookie: str = ""
    lines: int = 0
    unread: int = 0
    size: int = 0
    first_at: int = 0
    last_at: int = 0
    sessions: int = 0
    once: int = 0
    again: int = 0
    sessions_on_several_nodes: int = 0
    moved_by_retry: int = 0
    moved_for_good: int = 0
    moves_from_absent_nodes: int = 0
    moved_with_addresses: int = 0
    moved_with_families: int = 0
    moved_with_routes: int = 0
    requests_kept: int = 0
    denied_kept: int = 0
    requests_moved: int = 0
    denied_moved: int = 0
    sessions_with_several_addresses: int = 0
    sessions_with_both_families: int = 0
    requests_on_several_nodes: int = 0
    clients: int = 0
    clients_with_new_ids: int = 0
    births: int = 0
    births_peak: int = 0
    births_peak_at: int = 0
    nodes: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    absences: tuple[Absence, ...] = ()
    paths: int = 0
    pools: tuple[Pool, ...] = ()
    cut: str = ""

    @property
    def births_peak_minute(self) -> str:
        """The minute in which most sessions began, as `2026-03-01 10:15` in UTC."""
        return datetime.fromtimestamp(self.births_peak_at * 60, UTC).strftime("%Y-%m-%d %H:%M")
