"""The matrix of sessions and nodes, histograms, and clocks with what is not known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.report import clock_rows, pictures
from sessiondoctor.report.drawings import Box, Drawing, Label, Line, Mark, Shape, named, room_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.model import ClockOffset, ClockTable, Finding
    from sessiondoctor.report.pictures import Chart, Grid

_CELL = 64
_LINE = 30
_ROW = 24
_BAR = 320
_HALF = 180
_MARGIN = 10
_WORDS = {"kept": "ok", "lost": "LOST", "error": "error"}
_MOST_NODES = 24


def matrix_of(findings: Iterable[Finding]) -> Drawing | None:
    """A session made on the row's node, read on the column's; None where nothing was compared."""
    grid = pictures.grid_of(findings)
    if not grid or not grid.nodes:
        return None
    nodes = grid.nodes[:_MOST_NODES]
    left, cell = room_for(nodes) + 2 * _MARGIN, max(_CELL, room_for(nodes) + _MARGIN)
    return Drawing(
        "matrix",
        "A session made on a node (row), read on a node (column)",
        _lost_pairs(grid),
        left + len(nodes) * cell + _MARGIN,
        _LINE * (len(nodes) + 1) + _MARGIN,
        tuple(_cells(grid, nodes, left, cell)),
    )


def _cells(grid: Grid, nodes: tuple[str, ...], left: float, cell: float) -> Iterator[Shape]:
    for column, node in enumerate(nodes):
        yield Label(left + column * cell + cell / 2, _LINE - _MARGIN, node, "label", "middle")
    for row, (node, states) in enumerate(zip(nodes, grid.rows, strict=False), 1):
        yield Label(left - _MARGIN, row * _LINE + 20, node, "label", "end")
        for column, state in enumerate(states[: len(nodes)]):
            kind = state if state in _WORDS else "unknown"
            yield Box(left + column * cell + 1, row * _LINE + 1, cell - 2, _LINE - 2, f"cell {kind}")
            x, y = left + column * cell + cell / 2, row * _LINE + 20
            yield Label(x, y, _WORDS.get(state, "?"), f"label on-{kind}", "middle")


def _lost_pairs(grid: Grid) -> str:
    lost = [
        f"{made} to {read}"
        for made, row in zip(grid.nodes, grid.rows, strict=False)
        for read, state in zip(grid.nodes, row, strict=False)
        if state == "lost"
    ]
    return f"Lost from {', '.join(lost)}." if lost else "No session was lost between nodes."


def histograms_of(findings: Iterable[Finding]) -> Iterator[Drawing]:
    """Times to live, sizes and whatever else checks count."""
    for number, chart in enumerate(pictures.charts_of(findings, all_of_them=True), 1):
        yield _histogram(f"histogram-{number}", chart)


def _histogram(id_: str, chart: Chart) -> Drawing:
    left = room_for(tuple(bar.label for bar in chart.bars)) + 2 * _MARGIN
    counts = room_for(tuple(bar.count for bar in chart.bars)) + _MARGIN
    shapes: list[Shape] = []
    for row, bar in enumerate(chart.bars):
        y, length = row * _ROW, max(bar.share * _BAR, 1.0 if bar.share else 0.0)
        shapes += [
            Label(left - _MARGIN, y + 17, bar.label, "label", "end"),
            Box(left, y + 4, length, _ROW - 8, "bar"),
            Label(left + length + 6, y + 17, bar.count, "label faint"),
        ]
    told = "; ".join(f"{bar.label}: {bar.count}" for bar in chart.bars)
    return Drawing(id_, chart.title, told, left + _BAR + counts, len(chart.bars) * _ROW + 4, tuple(shapes))


def clocks_of(table: ClockTable | None) -> Drawing | None:
    """Each clock beside the reference's time, which is the line in the middle; the bar is where the truth may lie."""
    if not table or not table.offsets:
        return None
    rows = clock_rows.rows(table, plus_minus="±", blank=" ")
    spans = [clock_rows.span(clock) for clock in table.offsets[: len(rows)]]
    scale = max(abs(offset) + within for offset, within in spans) or 1.0
    left = room_for(tuple(named(row.name) for row in rows)) + 2 * _MARGIN
    middle, right = left + _HALF, left + 2 * _HALF + 2 * _MARGIN
    shapes: list[Shape] = [Line(middle, 4, middle, len(rows) * _ROW + 4, "zero")]
    for number, (row, (offset, within)) in enumerate(zip(rows, spans, strict=True)):
        y, at = number * _ROW + 14, middle + offset / scale * _HALF
        shapes += [
            Label(left - _MARGIN, y + 4, named(row.name), "label", "end"),
            Box(at - within / scale * _HALF, y - 4, max(2 * within / scale * _HALF, 1.0), 8, "span"),
            Mark(at, y, "mark " + _state(table.offsets[number]), f"{row.name}: {row.off}"),
            Label(right, y + 4, f"{row.off} ({row.source})" if row.source else row.off, "label faint"),
        ]
    told = "; ".join(f"{row.name} {row.off}" for row in rows)
    room = room_for(tuple(f"{row.off} ({row.source})" for row in rows))
    return Drawing(
        "clocks", clock_rows.title(table), told, right + room + _MARGIN, len(rows) * _ROW + 10, tuple(shapes)
    )


def _state(clock: ClockOffset) -> str:
    return "lost" if clock_rows.is_off(clock) else "kept"
