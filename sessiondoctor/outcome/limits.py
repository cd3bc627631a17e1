"""What limits a report: a count that the deadline cut, a log that breaks off, responses that slowed the scan down."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.evidence.logs import Log
from sessiondoctor.evidence.stores.census import Census

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.evidence.gathered import Gathered


def limits_of(gathered: Gathered) -> tuple[str, ...]:
    """A sentence for each."""
    return (*_cut_counts(gathered), *dict.fromkeys(_cut_logs(gathered)), *_refusals(gathered))


def _cut_counts(gathered: Gathered) -> Iterator[str]:
    for piece in gathered.of(Census):
        census: Census | None = piece.value
        if census and census.cut:
            looked_at = f"{min(census.sampled, census.total_keys):,} of {census.total_keys:,}"
            yield f"{census.store}: {looked_at} keys were counted, not all: {census.cut}."


def _cut_logs(gathered: Gathered) -> Iterator[str]:
    """Logs that break off, such as one that is compressed and was copied in part."""
    for piece in (*gathered.of(AccessLog), *gathered.of(Log)):
        log: AccessLog | Log | None = piece.value
        if log and log.cut:
            yield f"{log.file} was not read to its end: {log.cut.rstrip('.')}."


def _refusals(gathered: Gathered) -> Iterator[str]:
    """How often each peer refused, whatever the status."""
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for name, count in gathered.refusals.items():
        place, _, status = name.rpartition(" ")
        counts[place][status] = count
    for place, statuses in counts.items():
        total = sum(statuses.values())
        told = " and ".join(sorted(statuses))
        requests = "request" if total == 1 else "requests"
        yield f"{place} refused {total:,} {requests} with {told}, so the scan was slowed down; try a lower --rate."
