"""The pictures that checks put into `seen`, read defensively: a report file may come from anywhere.

client     "returning 1"   its requests stand in the report
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

    from sessiondoctor.model import ClientRequest, Finding, Report

_LONGEST_NAME = 16
_LONGEST_NOTE = 240
_MOST_NOTES = 10
_LONGEST_TITLE = 120
_MOST_CHARTS = 12
_MOST_BARS = 40
_MOST = 10**15
MARKS = {"kept": "ok", "lost": "LOST", "error": "ERR", "unknown": "?"}


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


def requests_of(report: Report) -> tuple[ClientRequest, ...]:
    """The requests of the first client that a finding names; failures come first."""
    known = {one.client: one.requests for one in report.requests}
    named = (finding.seen.get("client") for finding in report.findings)
    return next((known[client] for client in named if isinstance(client, str) and known.get(client)), ())


def dropped_in(requests: Iterable[ClientRequest]) -> tuple[str, ...]:
    """What a browser drops of the cookies of these requests, each once."""
    notes = (one_line(note)[:_LONGEST_NOTE] for request in requests for note in request.dropped[:_MOST_NOTES])
    return tuple(dict.fromkeys(notes))[:_MOST_NOTES]


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
        tuple(Bar(short(bar.get("label") or ""), count / longest, f"{count:,}") for bar, count in rows),
    )


def _count(value: object) -> int:
    return min(max(value, 0), _MOST) if isinstance(value, int) else 0


def _names(value: object) -> tuple[str, ...]:
    return tuple(map(short, value)) if isinstance(value, list | tuple) else ()


def short(value: object) -> str:
    """A name that fits into a picture."""
    return one_line(str(value))[:_LONGEST_NAME]
