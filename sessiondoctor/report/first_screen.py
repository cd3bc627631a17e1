"""The first screen of the text report: what is lost, where, why, how sure that is, what to do, how to prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.box import ROUNDED
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sessiondoctor.model import Outcome
from sessiondoctor.report import wording
from sessiondoctor.report.escape import one_line, printable
from sessiondoctor.report.layout import hanging, numbered, pasted, row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.model import Advice, Because, Diagnosis, Report
    from sessiondoctor.report.known import Known

_FEW = 5  # reasons on the first screen
_FEW_ALTERNATIVES = 3
_COLORS = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}


def answer(report: Report, known: Known) -> Iterator[RenderableType]:
    """The stated causes, else what it may be, else why nothing is stated; then what else is worth doing."""
    if report.candidates:
        yield _untold(report)
    elif not report.stated:
        yield _headline(report)
    for diagnosis in report.stated:
        yield _panel(diagnosis)
        yield from _told(report, diagnosis, known)
        yield Text("prove it with", style="bold")
        yield pasted(printable(diagnosis.verify))
        yield Text()
        yield from _reasons("evidence for", "+", diagnosis.because)
        yield from _reasons("evidence against", "-", diagnosis.against)
        if diagnosis.explains:
            yield row("explains", Group(*(Text(one_line(known.titled(cause))) for cause in diagnosis.explains)))
    if others := wording.possible(report):
        yield row("also possible", Group(*(Text(one_line(other)) for other in others)))
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
    if lost := wording.lost(report):
        parts.append(Text(one_line(f"What is lost: {lost}.")))
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


def _told(report: Report, diagnosis: Diagnosis, known: Known) -> Iterator[RenderableType]:
    told = (
        ("what is lost", wording.lost(report)),
        ("where", ", ".join(diagnosis.where)),
        ("why", known.lead(diagnosis.cause).replace("`", "")),
        ("how sure", wording.how_sure(diagnosis)),
    )
    yield from (row(label, Text(one_line(words))) for label, words in told if words)
    yield row("what to do", _fix(diagnosis))


def reasons_shown(reasons: Sequence[Because]) -> Sequence[Because]:
    """Those that the first screen has room for; the others are counted."""
    return reasons[:_FEW]


def _reasons(label: str, sign: str, reasons: Sequence[Because]) -> Iterator[RenderableType]:
    lines = []
    for reason in reasons_shown(reasons):
        place = f"{at.file}:{at.line}" if (at := reason.at) else ""
        subject = "" if reason.subject in {"site", at and at.file} else reason.subject
        about = "".join(f"{word}: " for word in (subject, place) if word)
        lines.append(Text(one_line(f"{sign} {about}{reason.summary} ({wording.strength(reason.weight)})")))
    if len(reasons) > _FEW:
        lines.append(Text(f"{sign} and {len(reasons) - _FEW} more", style="dim"))
    if lines:
        yield row(label, Group(*map(hanging, lines)))


def _fix(diagnosis: Diagnosis) -> RenderableType:
    """Steps have numbers; other ways out have none, and the first few are shown."""
    solution = diagnosis.solution
    others = solution.alternatives[:_FEW_ALTERNATIVES]
    marks = [*(f"{number}." for number in range(1, len(solution.steps) + 1)), *(["or"] * len(others))]
    if others and not solution.steps:
        marks[0] = "-"
    width = max(map(len, marks), default=0)
    lines: list[RenderableType] = [Text(printable(solution.summary).replace("`", ""))]
    for mark, step in zip(marks, (*solution.steps, *others), strict=True):
        lines.append(numbered(mark, Text(_unfenced(step)), width))
    if left := len(solution.alternatives) - len(others):
        lines.append(Text(f"{left} more: sessiondoctor explain {one_line(diagnosis.cause)}", style="dim"))
    return Group(*lines)


def _unfenced(step: str) -> str:
    """A step's prose without the breaks of its page; its code without the fence, which indentation shows."""
    lines: list[str] = []
    fenced, flows = False, False
    for line in printable(step).splitlines():
        if line.lstrip().startswith("```"):
            fenced, flows = not fenced, False
        elif fenced:
            lines.append(f"    {line}")
        elif flows and line.strip():
            lines[-1] += f" {line.strip()}".replace("`", "")
        else:
            lines.append(line.replace("`", ""))
            flows = bool(line.strip())
    return "\n".join(lines)


def _advice(advice: Advice) -> RenderableType:
    place = f"{advice.at.file}:{advice.at.line}" if advice.at else ", ".join(advice.where)
    place = f" ({place})" if place else ""
    return row(
        "advice", hanging(Text(one_line(f"- {advice.title}{place}. {advice.solution.summary} ({advice.cause})")))
    )
