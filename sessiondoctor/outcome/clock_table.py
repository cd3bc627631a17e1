"""All clocks that a scan has read, relative to one of them: the table of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.keys.tokens import Tokens
from sessiondoctor.evidence.network.clocks import Clocks, Reading
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.model import HERE, ClockKind, ClockOffset, ClockTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.topology.model import Topology

_Clock = tuple[ClockKind, Reading]
_HERE: _Clock = ("here", Reading(HERE, "ntp", 0.0, 0.0))
_ORDER: tuple[ClockKind, ...] = ("node", "balancer", "store", "time-server", "here")


def clock_table(gathered: Gathered, topology: Topology) -> ClockTable | None:
    """The offsets of all clocks; None where fewer than two could be read.

    They are relative to the declared time server that was read best, or to this machine if none answered. A clock
    that was read in several ways stands once, as it was read best; another reading only where it contradicts that.
    """
    clocks = tuple((_kind(reading, topology), reading) for reading in _readings(gathered))
    if len({(kind, reading.subject) for kind, reading in clocks}) < 2:
        return None
    servers = [clock for clock in clocks if clock[0] == "time-server"]
    reference = min(servers, key=lambda clock: clock[1].uncertainty_s, default=_HERE)
    rows = [_relative(clock, reference[1]) for clock in _telling((*clocks, _HERE)) if not _same(clock, reference)]
    return ClockTable(reference[1].subject, tuple(sorted(rows, key=lambda row: _ORDER.index(row.kind))))


def _readings(gathered: Gathered) -> Iterator[Reading]:
    """Those of every kind of evidence."""
    for piece in gathered.pieces:
        match piece.value:
            case Clocks(readings=readings) | Visits(clocks=readings):
                yield from readings
            case Replay(visits=visits):
                yield from (visit.clock for visit in visits if visit.clock)
            case Tokens(tokens=tokens):
                yield from (token.clock for token in tokens if token.clock)


def _telling(clocks: Sequence[_Clock]) -> Iterator[_Clock]:
    """Clock by clock, as they first come: the best reading, and those that cannot be true if it is."""
    grouped: dict[tuple[ClockKind, str], list[_Clock]] = {}
    for kind, reading in clocks:
        grouped.setdefault((kind, reading.subject), []).append((kind, reading))
    for group in grouped.values():
        best, *others = sorted(group, key=lambda clock: clock[1].uncertainty_s)
        yield best
        yield from (one for one in others if one[1].low_s > best[1].high_s or one[1].high_s < best[1].low_s)


def _same(one: _Clock, other: _Clock) -> bool:
    return (one[0], one[1].subject) == (other[0], other[1].subject)


def _kind(reading: Reading, topology: Topology) -> ClockKind:
    match reading.source:
        case "affinity-cookie":
            return "balancer"
        case "redis-time" | "memcached-time":
            return "store"
        case "ntp" if reading.subject in topology.time.servers:
            return "time-server"
    return "node"


def _relative(clock: _Clock, reference: Reading) -> ClockOffset:
    kind, reading = clock
    return ClockOffset(
        subject=reading.subject,
        kind=kind,
        source="" if kind == "here" else reading.source,
        offset_s=round(reading.offset_s - reference.offset_s, 4),
        uncertainty_s=round(reading.uncertainty_s + reference.uncertainty_s, 4),
    )
