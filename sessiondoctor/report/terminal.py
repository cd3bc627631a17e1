"""The text report: the answer first, in one screen; then what it rests on; then what was not looked at."""

from __future__ import annotations

import io
from math import ceil
from typing import TYPE_CHECKING

from rich.box import ASCII, ROUNDED
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sessiondoctor.model import Outcome, Status
from sessiondoctor.report import clock_rows, happened, pictures, wording
from sessiondoctor.report.escape import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.model import Advice, Because, ClockTable, Diagnosis, Finding, Report, Solution, Strip
    from sessiondoctor.report import Style
    from sessiondoctor.report.happened import Row
    from sessiondoctor.report.pictures import Beat, Chart, Grid

_LABEL = 16
_FEW = 5  # reasons on the first screen
_ROOM = 60  # columns in which notes longer than that are wrapped beside their request
_BELOW = 3
_INDENT = 4
_LONGEST_BAR = 40
_COLORS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
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
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def _parts(report: Report, style: Style) -> Iterator[RenderableType]:
    if report.asked:
        yield from map(_check, wording.checks(report))
        return
    yield from _answer(report)
    yield from _drawn(report, style)
    yield from _findings(report, style)
    if style.verbose and report.requests:
        yield from _happened(report.requests, style)
    yield from _gaps(report, style)
    yield _footer(report)


def _check(line: wording.CheckLine) -> RenderableType:
    style = {"PASS": "green", "FAIL": "bold red", "CANNOT TELL": "yellow"}.get(line.word, "dim")
    return Text.assemble((f"{line.word:<14} ", style), one_line(f"{line.check}: {line.why}"))


def _answer(report: Report) -> Iterator[RenderableType]:
    if report.candidates:
        yield _untold(report)
    elif not report.stated:
        yield _headline(report)
    for diagnosis in report.stated:
        yield _panel(diagnosis)
        yield _details(diagnosis)
        yield Text("verify with", style="bold")
        yield _pasted(diagnosis.verify)
        yield Text()
    if others := wording.possible(report):
        yield _row("also possible", Group(*(Text(one_line(other)) for other in others)))
    yield from (_advice(advice) for advice in report.advice)


def _headline(report: Report) -> Panel:
    color = {Outcome.FAULT_FOUND: "red", Outcome.NO_FAULT_FOUND: "green"}.get(report.verdict, "yellow")
    parts = [Text(one_line(wording.headline(report)), style=f"bold {color}"), Text(wording.explanation(report))]
    return Panel(Group(*filter(None, parts)), box=ROUNDED, border_style=color, safe_box=True)


def _untold(report: Report) -> Panel:
    """One box: what it may be, what that has in common, and the one step that would tell."""
    table = Table.grid(padding=(0, 2))
    for name in ("probability", "cause", "title"):
        table.add_column(no_wrap=name == "probability", justify="right" if name == "probability" else "left")
    for one in report.candidates:
        table.add_row(wording.percent(one.probability), one_line(one.cause), one_line(one.title))
    parts: list[RenderableType] = [table]
    if report.in_common:
        parts.append(Text(one_line(wording.in_common(report))))
    if report.next_steps:
        step = report.next_steps[0]
        parts.append(Text(one_line(f"What would tell: {step.how}"), style="bold"))
        parts += [Text(printable(step.paste))] if step.paste else []
    title = one_line(wording.headline(report))
    return Panel(Group(*parts), title=title, title_align="left", box=ROUNDED, border_style="red", safe_box=True)


def _panel(diagnosis: Diagnosis) -> Panel:
    color = _COLORS[diagnosis.severity]
    head = Table.grid(expand=True)
    head.add_column(ratio=1)
    head.add_column(justify="right", no_wrap=True)
    head.add_row(
        Text(one_line(diagnosis.title), style="bold"), Text(wording.percent(diagnosis.probability), style=color)
    )
    place = f" on {', '.join(diagnosis.where)}" if diagnosis.where else ""
    line = Text(one_line(f"{diagnosis.cause}, {diagnosis.severity}{place}"))
    return Panel(Group(head, line), title="Fault found", title_align="left", box=ROUNDED, border_style=color)


def _details(diagnosis: Diagnosis) -> RenderableType:
    rows: list[RenderableType] = [_reasons("evidence for", "+", diagnosis.because)]
    if diagnosis.against:
        rows.append(_reasons("evidence against", "-", diagnosis.against))
    if diagnosis.explains:
        rows.append(_row("explains", Text(one_line(", ".join(diagnosis.explains)))))
    rows.append(_fix(diagnosis.solution))
    return Group(*rows)


def _pasted(command: str) -> Text:
    """A command on a line of its own, unstyled: it must survive being pasted."""
    return Text(f"  {printable(command)}", no_wrap=True)


def _reasons(label: str, sign: str, reasons: Iterable[Because]) -> RenderableType:
    reasons = list(reasons)
    lines = []
    for reason in reasons[:_FEW]:
        subject = "" if reason.subject == "site" else f"{reason.subject}: "
        lines.append(Text(one_line(f"{sign} {subject}{reason.summary} ({wording.strength(reason.weight)})")))
    if len(reasons) > _FEW:
        lines.append(Text(f"{sign} and {len(reasons) - _FEW} more", style="dim"))
    return _row(label, Group(*(_hanging(line) for line in lines)))


def _fix(solution: Solution) -> RenderableType:
    lines: list[RenderableType] = [Text(printable(solution.summary))]
    for number, step in enumerate(solution.steps, 1):
        lines.append(_numbered(f"{number}.", Text(_unfenced(step))))
    lines.extend(_numbered("or", Text(_unfenced(other))) for other in solution.alternatives)
    return _row("fix", Group(*lines))


def _unfenced(step: str) -> str:
    """A step's code without its fence: indentation shows that it is code."""
    lines, fenced = [], False
    for line in printable(step).splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        else:
            lines.append(f"    {line}" if fenced else line.replace("`", ""))
    return "\n".join(lines)


def _advice(advice: Advice) -> RenderableType:
    place = f" ({', '.join(advice.where)})" if advice.where else ""
    return _row(
        "advice", _hanging(Text(one_line(f"- {advice.cause}{place}: {advice.title}. {advice.solution.summary}")))
    )


def _drawn(report: Report, style: Style) -> Iterator[RenderableType]:
    beats = pictures.strip_of(report.findings)
    if beats:
        yield Text("\nWho served each request of one client", style="bold")
        yield Padding(_strip(beats), (0, 0, 0, 2))
        yield from (Padding(_hanging(Text(f"- {note}")), (0, 0, 0, 2)) for note in pictures.dropped_in(beats))
    grid = pictures.grid_of(report.findings)
    if grid:
        yield Text("\nA session made on a node (row), read on a node (column)", style="bold")
        yield Padding(_grid(grid), (0, 0, 0, 2))
    for chart in pictures.charts_of(report.findings, all_of_them=style.verbose):
        yield Text(f"\n{chart.title}", style="bold")
        yield Padding(_chart(chart, style), (0, 0, 0, 2))
    if report.clocks and report.clocks.offsets:
        yield from _clocks(report.clocks, style)


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


def _strip(beats: tuple[Beat, ...]) -> RenderableType:
    text = Text()
    for beat in beats:
        state = "write" if beat is beats[0] else pictures.MARKS.get(beat.state, "?")
        text.append(beat.node)
        text.append(f":{state}", style=_STATES.get(beat.state, ""))
        if beat.renewed:
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
    shown = report.findings if style.verbose else wording.failed(report)
    if shown:
        yield Text("\nFindings", style="bold")
    for finding in shown:
        yield _finding(finding)
        if style.verbose:
            yield from (Padding(_hanging(Text(line, style="dim")), (0, 0, 0, 6)) for line in wording.quote_of(finding))


def _finding(finding: Finding) -> RenderableType:
    sign, color = _SIGNS[finding.status]
    place = "" if finding.subject == "site" else f" {finding.subject}"
    at = f" [{finding.at.file}:{finding.at.line}]" if finding.at else ""
    text = Text(f"{sign} ", style=color)
    text.append(one_line(f"{finding.check}{place}"), style="bold" if finding.status is Status.FAIL else "")
    text.append(one_line(f": {finding.reason or finding.summary}{at}"), style="")
    return Padding(_hanging(text), (0, 0, 0, 2))


def _happened(strips: tuple[Strip, ...], style: Style) -> Iterator[RenderableType]:
    yield Text(f"\n{happened.TITLE}", style="bold")
    yield Padding(Text(happened.legend(strips), style="dim"), (0, 0, 0, 2))
    courses = happened.courses(strips)
    widths = happened.widths_of(courses)
    head = Text("".join(happened.padded(happened.HEAD, widths)), style="dim")
    longest = max((len(note) for course in courses for row in course.rows for note in row.notes), default=0)
    beside = style.width - _INDENT - head.cell_len >= min(longest, _ROOM)
    request = _request_on_a_line if beside else _request_with_notes_below
    yield Padding(head, (0, 0, 0, _INDENT))
    for course in courses:
        yield _hanging(Text.assemble("  ", (course.client, "bold"), f": {course.summary}"))
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


def _gaps(report: Report, style: Style) -> Iterator[RenderableType]:
    gaps = wording.unseen(report)
    if gaps and not style.verbose:
        yield Text("\nNot looked at", style="bold")
        yield from (_gap(reason, checks) for reason, checks in gaps.items())
    if report.next_steps:
        yield Text("\nTo know more", style="bold")
        yield from (
            Padding(_hanging(Text(one_line(f"- {step.how} (for {step.check})"))), (0, 0, 0, 2))
            for step in report.next_steps
        )


def _gap(reason: str, checks: tuple[str, ...]) -> RenderableType:
    named = ", ".join(checks[:3]) + (f" and {len(checks) - 3} more" if len(checks) > 3 else "")
    return Padding(_hanging(Text(one_line(f"? {reason} ({named})"))), (0, 0, 0, 2))


def _footer(report: Report) -> RenderableType:
    state = "" if report.complete else " INCOMPLETE: it was cut short."
    moved = f"\n{wording.moved(report)}" if report.scanned_url else ""
    moved += "".join(f"\n{one_line(line)}" for line in wording.site(report))
    line = f"\n{report.target}: {wording.tally(report)}; {report.duration_s:g} s, exit code {report.exit_code}.{state}"
    return Text(printable(moved + line), style="dim" if report.complete else "bold yellow")


def _row(label: str, content: RenderableType) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=_LABEL, style="bold")
    grid.add_column(ratio=1)
    grid.add_row(label, content)
    return grid


def _numbered(mark: str, text: Text) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=2)
    grid.add_column()
    grid.add_row(mark, text)
    return grid


def _hanging(text: Text) -> RenderableType:
    """A line whose continuation is indented behind its two-character sign."""
    grid = Table.grid()
    grid.add_column(width=2)
    grid.add_column()
    grid.add_row(text[:2], text[2:])
    return grid
