"""The text report: the answer first, in one screen; then what it rests on; then what was not looked at."""

from __future__ import annotations

import io
from math import ceil
from typing import TYPE_CHECKING

from rich.box import ASCII
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sessiondoctor.model import Status
from sessiondoctor.report import clock_rows, happened, log_lines, pictures, wording
from sessiondoctor.report.escape import no_command, one_line, printable
from sessiondoctor.report.first_screen import answer, reasons_shown
from sessiondoctor.report.known import Known
from sessiondoctor.report.layout import hanging, pasted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.model import ClientHistory, ClientRequest, ClockTable, Finding, Report
    from sessiondoctor.report import Style
    from sessiondoctor.report.happened import Row
    from sessiondoctor.report.pictures import Chart, Grid

_ROOM = 60  # columns in which notes longer than that are wrapped beside their request
_BELOW = 3
_INDENT = 4
_LONGEST_BAR = 40
_MOST_GAPS = 8
_STATES = {"kept": "green", "lost": "bold red", "error": "bold magenta", "unknown": "dim"}
_SIGNS = {
    Status.FAIL: ("x", "red"),
    Status.ERROR: ("!", "bold magenta"),
    Status.INCONCLUSIVE: ("?", "yellow"),
    Status.SKIPPED: ("-", "yellow"),
    Status.PASS: ("+", "green"),
    Status.NOT_APPLICABLE: (".", "dim"),
}


def render(report: Report, style: Style) -> str:
    """Plain text of at most `style.width` columns, coloured by ANSI sequences if `style.color`."""
    out = io.StringIO()
    console = Console(
        file=out, width=style.width, force_terminal=style.color, no_color=not style.color,
        color_system="standard" if style.color else None, markup=False, highlight=False, emoji=False,
        legacy_windows=False, soft_wrap=False,
    )  # fmt: skip
    for part in _parts(report, style):
        # A check has one line, however long; a command is pasted.
        console.print(part, soft_wrap=bool(report.asked) or (isinstance(part, Text) and part.no_wrap is True))
    return "".join(f"{no_command(line.rstrip())}\n" for line in out.getvalue().splitlines())


def _parts(report: Report, style: Style) -> Iterator[RenderableType]:
    if report.asked:
        yield from map(_check, wording.checks(report))
        yield from map(_remark, wording.remarks(report))
        return
    known = Known(style.packs)
    yield from answer(report, known)
    if style.verbose and report.requests:
        yield from _happened(report.requests, style)
    yield from _drawn(report, style)
    yield from _findings(report, style)
    yield from _gaps(report, style, known)
    yield from map(_remark, wording.remarks(report))
    yield _footer(report)


def _check(line: wording.CheckLine) -> RenderableType:
    style = {"PASS": "green", "FAIL": "bold red", "CANNOT TELL": "yellow"}.get(line.word, "dim")
    return Text.assemble((f"{line.word:<14} ", style), one_line(f"{line.check}: {line.why}"))


def _remark(line: str) -> RenderableType:
    return Text(f"\n{one_line(line)}", style="bold yellow" if line.startswith("INCOMPLETE") else "")


def _drawn(report: Report, style: Style) -> Iterator[RenderableType]:
    requests = pictures.requests_of(report)
    if requests:
        yield Text("\nWho served each request of one client", style="bold")
        yield Padding(_requests(requests), (0, 0, 0, 2))
        yield from (Padding(hanging(Text(f"- {note}")), (0, 0, 0, 2)) for note in pictures.dropped_in(requests))
    grid = pictures.grid_of(report.findings)
    if grid:
        yield Text("\nA session made on a node (row), read on a node (column)", style="bold")
        yield Padding(_grid(grid), (0, 0, 0, 2))
    for chart in pictures.charts_of(report.findings, all_of_them=style.verbose):
        yield Text(f"\n{chart.title}", style="bold")
        yield Padding(_chart(chart, style), (0, 0, 0, 2))
    if report.clocks and report.clocks.offsets:
        yield from _clocks(report.clocks, style)
    if report.logs:
        yield Text(f"\n{log_lines.TITLE}", style="bold")
        yield from (Padding(hanging(Text(line)), (0, 0, 0, 2)) for line in log_lines.lines(report.logs))


def _chart(chart: Chart, style: Style) -> RenderableType:
    """A bar for each line; what is there at all has at least one mark."""
    label, count = max(len(bar.label) for bar in chart.bars), max(len(bar.count) for bar in chart.bars)
    room = max(1, min(_LONGEST_BAR, style.width - label - count - 6))
    text = Text(no_wrap=True, overflow="crop")
    for bar in chart.bars:
        text.append(f"{bar.label:>{label}}  {bar.count:>{count}}  ")
        text.append("#" * ceil(bar.share * room) + "\n", style="cyan")
    text.rstrip()
    return text


def _clocks(table: ClockTable, style: Style) -> Iterator[RenderableType]:
    """The table where a clock is off, or for those who ask; else a line."""
    agree = clock_rows.agreement(table)
    if agree and not style.verbose:
        yield Text(f"\n{agree}", style="dim")
        return
    yield Text(f"\n{clock_rows.title(table)}", style="bold")
    drawn = clock_rows.rows(table, plus_minus="+-", blank=" ")
    name, off, source = (
        max(map(len, cells)) for cells in zip(*((r.name, r.off, r.source) for r in drawn), strict=True)
    )
    text = Text(no_wrap=True, overflow="crop")
    for row in drawn:
        text.append(f"{row.name:<{name}}  {row.off:>{off}}  {row.source:<{source}}  ")
        text.append(f"{row.drawn.rstrip()}\n", style="cyan")
    text.rstrip()
    yield Padding(text, (0, 0, 0, 2))


def _requests(requests: tuple[ClientRequest, ...]) -> RenderableType:
    text = Text()
    for number, request in enumerate(requests):
        state = pictures.MARKS.get(request.state, "?") if number else "write"
        text.append(pictures.short(request.node or "?"))
        text.append(f":{state}", style=_STATES.get(request.state, ""))
        if request.renewed:
            text.append(" new id", style="yellow")
        text.append("  ")
    return text


def _grid(grid: Grid) -> Table:
    table = Table(box=ASCII, show_edge=False, pad_edge=False)
    table.add_column("")
    for node in grid.nodes:
        table.add_column(Text(node), justify="center")
    for node, row in zip(grid.nodes, grid.rows, strict=False):
        cells = (Text(pictures.MARKS.get(state, "?"), style=_STATES.get(state, "")) for state in row)
        table.add_row(Text(node), *cells)
    return table


def _findings(report: Report, style: Style) -> Iterator[RenderableType]:
    told = set() if style.verbose else _told(report)
    found = report.findings if style.verbose else wording.failed(report)
    shown = [one for one in found if (one.check, one.subject, one.summary) not in told]
    if shown:
        yield Text("\nFindings", style="bold")
    for finding, count in _each_once(shown):
        yield _finding(finding, count)
        if style.verbose:
            yield from (Padding(hanging(Text(line, style="dim")), (0, 0, 0, 6)) for line in wording.quote_of(finding))


def _told(report: Report) -> set[tuple[str, str, str]]:
    """What stands above as evidence: check, subject and summary."""
    reasons = (reason for one in report.stated for reason in reasons_shown(one.because))
    headline = {
        (one.check, one.subject, one.summary) for one in wording.failed(report) if one.summary == report.headline
    }
    return headline | {(reason.check, reason.subject, reason.summary) for reason in reasons}


def _each_once(findings: Iterable[Finding]) -> Iterable[tuple[Finding, int]]:
    """Those whose lines would be the same, once, and how many there are."""
    alike: dict[tuple[object, ...], list[Finding]] = {}
    for one in findings:
        alike.setdefault((one.check, one.status, one.subject, one.reason or one.summary, one.at), []).append(one)
    return ((same[0], len(same)) for same in alike.values())


def _finding(finding: Finding, count: int) -> RenderableType:
    sign, color = _SIGNS[finding.status]
    place = "" if finding.subject == "site" else f" {finding.subject}"
    at = f" [{finding.at.file}:{finding.at.line}]" if finding.at else ""
    text = Text(f"{sign} ", style=color)
    text.append(one_line(f"{finding.check}{place}"), style="bold" if finding.status is Status.FAIL else "")
    text.append(one_line(f": {finding.reason or finding.summary}{at}{_times(count)}"))
    return Padding(hanging(text), (0, 0, 0, 2))


def _times(count: int) -> str:
    return f" ({count} times)" if count > 1 else ""


def _happened(clients: tuple[ClientHistory, ...], style: Style) -> Iterator[RenderableType]:
    yield Text(f"\n{happened.TITLE}", style="bold")
    yield Padding(Text(happened.legend(clients), style="dim"), (0, 0, 0, 2))
    courses = happened.courses(clients)
    widths = happened.widths_of(courses)
    head = Text("".join(happened.padded(happened.HEAD, widths)), style="dim")
    longest = max((len(note) for course in courses for row in course.rows for note in row.notes), default=0)
    beside = style.width - _INDENT - head.cell_len >= min(longest, _ROOM)
    request = _request_on_a_line if beside else _request_with_notes_below
    yield Padding(head, (0, 0, 0, _INDENT))
    for course in courses:
        yield hanging(Text.assemble("  ", (course.client, "bold"), f": {course.summary}"))
        yield from (Padding(request(row, widths), (0, 0, 0, _INDENT)) for row in course.rows)


def _request_on_a_line(row: Row, widths: tuple[int, ...]) -> RenderableType:
    line = _cells(row, widths)
    grid = Table.grid()
    grid.add_column(width=line.cell_len, no_wrap=True)
    grid.add_column(ratio=1)
    grid.add_row(line, _notes(row))
    return grid


def _request_with_notes_below(row: Row, widths: tuple[int, ...]) -> RenderableType:
    line = _cells(row, widths)
    line.rstrip()
    return Group(line, Padding(_notes(row), (0, 0, 0, _BELOW))) if row.notes else line


def _cells(row: Row, widths: tuple[int, ...]) -> Text:
    return Text.assemble(*zip(happened.padded(row.cells, widths), _request_styles(row), strict=True))


def _notes(row: Row) -> Text:
    return Text("\n".join(row.notes), style="yellow")


def _request_styles(row: Row) -> tuple[str, ...]:
    _, _, _, _, fate, state, status = row.cells
    fate_style = "yellow" if fate in {"new", "none"} else ""
    return "dim", "dim", "", "", fate_style, _STATES.get(state, ""), "red" if status.startswith("5") else ""


def _gaps(report: Report, style: Style, known: Known) -> Iterator[RenderableType]:
    gaps = wording.unseen(report)
    if gaps and not style.verbose:
        yield Text("\nNot looked at", style="bold")
        yield from (_gap(reason, checks, report.headline) for reason, checks in list(gaps.items())[:_MOST_GAPS])
        if len(gaps) > _MOST_GAPS:
            yield Text(f"  ? and {len(gaps) - _MOST_GAPS} more; -v lists them", style="dim")
    if report.next_steps:
        yield Text("\nTo know more", style="bold")
    for number, step in enumerate(report.next_steps):
        told = wording.next_step(step, known.title(step.check))
        yield Padding(hanging(Text(one_line(f"- {told}"))), (0, 0, 0, 2))
        if step.paste and not number and not report.diagnosis:
            yield from (pasted(f"  {printable(line)}") for line in step.paste.splitlines())


def _gap(reason: str, checks: tuple[str, ...], headline: str) -> RenderableType:
    if reason == headline:
        return Text(f"  ? for this reason: {len(checks)} checks")
    named = ", ".join(checks[:3]) + (f" and {len(checks) - 3} more" if len(checks) > 3 else "")
    return Padding(hanging(Text(one_line(f"? {reason} ({named})"))), (0, 0, 0, 2))


def _footer(report: Report) -> RenderableType:
    line = f"{report.target}: {wording.tally(report)}; {report.duration_s:g} s, exit code {report.exit_code}."
    return Text(f"\n{one_line(line)}", style="dim")
