"""Access logs: which sessions met which nodes. No session id is kept."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AccessLog:
    """What one access log shows.

    Attributes:
        subject: the component that the user says it belongs to, else the file's name.
        format: as a person calls it; `cookie` is the name by which sessions were found, empty if lines hold none.
        lines: all of them; `unread` of these did not fit the format.
        sessions: different session ids.
        again: sessions of at least two requests whose nodes are known.
        sessions_on_several_nodes: of these.
        moved_by_retry: of those, the ones of which a request was tried on another node.
        sessions_with_several_addresses: sessions whose requests came from several client addresses.
        sessions_with_both_families: of these, from IPv4 and IPv6.
        requests_on_several_nodes: requests that a balancer tried on more than one node.
        nodes: name or address -> requests.
        statuses: first digit, such as `5xx` -> requests.
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
    sessions: int = 0
    again: int = 0
    sessions_on_several_nodes: int = 0
    moved_by_retry: int = 0
    sessions_with_several_addresses: int = 0
    sessions_with_both_families: int = 0
    requests_on_several_nodes: int = 0
    nodes: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    cut: str = ""
