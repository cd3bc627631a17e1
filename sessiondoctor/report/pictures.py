"""The pictures that checks put into `seen`, read defensively: a report file may come from anywhere.

strip      [{"node": "app1", "state": "kept", "status": 200, "session": "sid:3f9a", "renewed": true,
             "dropped": ["connect.sid: dropped, ..."]}, ...]   what says nothing is left out
matrix     {"nodes": ["app1", "app2"], "rows": [["kept", "lost"], ["lost", "kept"]]}   rows: made on, columns: read on
histogram  {"title": "Time to live of ...", "bars": [{"label": "0-5 min", "count": 12}, ...]}
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sessiondoctor.model import Status
from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.model import Finding

_LONGEST_NAME = 16
_LONGEST_NOTE = 240
_MOST_NOTES = 10
_LONGEST_TITLE = 120
_MOST_CHARTS = 12
_MOST_BARS = 40
_MOST = 10**15
MARKS = {"kept": "ok", "lost": "LOST", "error": "ERR", "unknown": "?"}


@dataclass(frozen=True, slots=True)
class Beat:
    """One request of a strip."""

    node: str
    state: str
    session: str
    renewed: bool
    status: str
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: how long, beside the longest, 0..1, and how many."""

    label: str
    share: float
    count: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A histogram."""

    title: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The replay matrix."""

    nodes: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def strip_of(findings: Iterable[Finding]) -> tuple[Beat, ...]:
    """The first strip in these findings; failures come first."""
    for finding in findings:
        exchanges = finding.seen.get("strip")
        if isinstance(exchanges, list | tuple) and exchanges:
            return tuple(_beat(exchange) for exchange in exchanges if isinstance(exchange, dict))
    return ()


def dropped_in(beats: Iterable[Beat]) -> tuple[str, ...]:
    """What a browser drops of the cookies of these requests, each once."""
    return tuple(dict.fromkeys(note for beat in beats for note in beat.dropped))[:_MOST_NOTES]


def grid_of(findings: Iterable[Finding]) -> Grid | None:
    """The first matrix in these findings."""
    for finding in findings:
        matrix = finding.seen.get("matrix")
        if isinstance(matrix, dict) and isinstance(matrix.get("rows"), list | tuple):
            return Grid(_names(matrix.get("nodes")), tuple(map(_names, matrix["rows"])))
    return None


def charts_of(findings: Iterable[Finding], *, all_of_them: bool) -> tuple[Chart, ...]:
    """The histograms of what failed, or of all findings, each once."""
    charts: dict[str, Chart] = {}
    for finding in findings:
        drawn = finding.seen.get("histogram")
        if isinstance(drawn, dict) and (all_of_them or finding.status is Status.FAIL):
            chart = _chart(drawn)
            charts.setdefault(chart.title, chart)
    return tuple(chart for chart in charts.values() if chart.bars)[:_MOST_CHARTS]


def _chart(drawn: dict[str, Any]) -> Chart:
    listed = drawn.get("bars")
    bars = [bar for bar in listed if isinstance(bar, dict)][:_MOST_BARS] if isinstance(listed, list | tuple) else []
    counts = [_count(bar.get("count")) for bar in bars]
    longest = max([1, *counts])
    rows = zip(bars, counts, strict=True)
    return Chart(
        one_line(str(drawn.get("title") or ""))[:_LONGEST_TITLE],
        tuple(Bar(_name(bar.get("label") or ""), count / longest, f"{count:,}") for bar, count in rows),
    )


def _count(value: object) -> int:
    return min(max(value, 0), _MOST) if isinstance(value, int) else 0


def _beat(exchange: dict[str, Any]) -> Beat:
    return Beat(
        node=_name(exchange.get("node") or "?"),
        state=_name(exchange.get("state") or "unknown"),
        session=_name(exchange.get("session") or ""),
        renewed=bool(exchange.get("renewed")),
        status=_name(exchange.get("status") or ""),
        dropped=_notes(exchange.get("dropped")),
    )


def _notes(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        return ()
    return tuple(one_line(str(note))[:_LONGEST_NOTE] for note in value[:_MOST_NOTES])


def _names(value: object) -> tuple[str, ...]:
    return tuple(map(_name, value)) if isinstance(value, list | tuple) else ()


def _name(value: object) -> str:
    return one_line(str(value))[:_LONGEST_NAME]
