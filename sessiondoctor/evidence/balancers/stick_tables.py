"""HAProxy's stick tables, as `show table` prints them."""

from __future__ import annotations

from dataclasses import dataclass, field

from sessiondoctor.evidence.location import Location


@dataclass(frozen=True, slots=True)
class ShownTable:
    """One table of one balancer.

    Attributes:
        size, used: how many entries it can hold, and holds.
        shown: how many of them were printed.
        longest_s: the most that any printed entry has still to live; None if none was printed.
        servers: token of each key -> the server that it is kept on.
    """

    balancer: str
    name: str
    size: int
    used: int
    shown: int
    at: Location
    longest_s: float | None = None
    servers: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class StickTables:
    """All tables that were given."""

    tables: tuple[ShownTable, ...] = ()
