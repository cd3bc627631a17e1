"""All clocks that a scan has read, relative to one of them: the table of the report."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from sessiondoctor.evidence.clocks import Clocks, Reading
from sessiondoctor.evidence.replay import Replay
from sessiondoctor.evidence.tokens import Tokens
from sessiondoctor.evidence.visits import Visits
from sessiondoctor.model import HERE, ClockKind, ClockOffset, ClockTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.topology.model import Topology

_FEWEST = 2
_ORDER: tuple[ClockKind, ...] = ("node", "balancer", "store", "time-server", "here")


def clock_table(gathered: Gathered, topology: Topology) -> ClockTable | None:
    """The offsets of all clocks; None where fewer than two could be read.

    They are relative to the declared time server that was read best, or to this machine if none answered. A clock
    that was read in several ways stands once, as it was read best; another reading only where it contradicts that.
    """
    readings = tuple(_readings(gathered))
    if len({reading.subject for reading in readings}) < _FEWEST:
        return None
    servers = [one for one in readings if one.source == "ntp" and one.subject in topology.time.servers]
    here = Reading(HERE, "ntp", 0.0, 0.0)
    reference = min(servers, key=lambda reading: reading.uncertainty_s, default=here)
    shown = [one for one in _telling((*readings, here)) if one.subject != reference.subject]
    rows = (_relative(one, reference, _kind(one, topology)) for one in shown)
    return ClockTable(reference.subject, tuple(sorted(rows, key=lambda row: _ORDER.index(row.kind))))


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


def _telling(readings: Sequence[Reading]) -> Iterator[Reading]:
    """By subject, as they first come: the best reading, and those that cannot be true if it is."""
    first = {one.subject: number for number, one in reversed(list(enumerate(readings)))}
    ordered = sorted(readings, key=lambda one: (first[one.subject], one.uncertainty_s))
    for _, group in groupby(ordered, key=lambda one: one.subject):
        best, *others = group
        yield best
        yield from (one for one in others if one.low_s > best.high_s or one.high_s < best.low_s)


def _kind(reading: Reading, topology: Topology) -> ClockKind:
    match reading.source:
        case "affinity-cookie":
            return "balancer"
        case "redis-time" | "memcached-time":
            return "store"
        case "ntp" if reading.subject == HERE:
            return "here"
        case "ntp" if reading.subject in topology.time.servers:
            return "time-server"
    return "node"


def _relative(reading: Reading, reference: Reading, kind: ClockKind) -> ClockOffset:
    offset, within = reading.offset_s - reference.offset_s, reading.uncertainty_s + reference.uncertainty_s
    return ClockOffset(
        reading.subject, kind, "" if kind == "here" else reading.source, round(offset, 4), round(within, 4)
    )
