"""The Markdown report, for a ticket: GitHub's flavour; nothing from outside formats itself, no HTML but `details`."""

from __future__ import annotations

import re
from math import ceil
from typing import TYPE_CHECKING

from sessiondoctor.report import clock_rows, happened, log_lines, pictures, wording
from sessiondoctor.report.escape import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.model import Advice, Because, ClockTable, Diagnosis, Finding, Report, Solution
    from sessiondoctor.report import Style

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|!~&@])")
_LONGEST_BAR = 20
_LINK = re.compile(r"(?i)\b(https?|ftp|mailto|javascript|data):")


def render(report: Report, style: Style) -> str:
    """A ticket's text: headline, causes, pictures, findings, gaps."""
    return "\n".join(_lines(report, style)).strip() + "\n"


def plain(text: str) -> str:
    """One line of text in which no character has a meaning to Markdown and no address becomes a link."""
    return _LINK.sub("\\1\u200b:", _SPECIAL.sub(r"\\\1", one_line(text)))


def code(text: str) -> str:
    """One line as inline code, whatever backticks it has."""
    line = one_line(text)
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _lines(report: Report, style: Style) -> Iterator[str]:
    yield f"# {plain(wording.headline(report))}: {code(report.target)}"
    yield ""
    yield from (f"**{plain(line)}**\n" for line in wording.remarks(report))
    if report.asked:
        yield from (f"- {line.word} {code(line.check)}: {plain(line.why)}" for line in wording.checks(report))
        return
    if report.candidates:
        yield from _untold(report)
    elif not report.stated:
        yield wording.explanation(report) + "\n"
    for diagnosis in report.stated:
        yield from _diagnosis(diagnosis)
    if others := wording.possible(report):
        yield f"Also possible: {plain('; '.join(others))}.\n"
    yield from _pictures(report, style)
    yield from _section(log_lines.TITLE, map(plain, log_lines.lines(report.logs)))
    yield from _section("Advice", (_advice(advice) for advice in report.advice))
    yield from _section("What failed", (_finding(finding) for finding in wording.failed(report)))
    yield from _section("What could not be looked at", _gaps(wording.unseen(report)))
    yield from _section("To know more", (f"{plain(step.how)} (for {code(step.check)})" for step in report.next_steps))
    yield from _happened(report)
    yield (
        f"{wording.tally(report)}; {report.duration_s:g} s; exit code {report.exit_code}; "
        f"{plain(f'{report.tool.name} {report.tool.version}, {report.started_at}')}."
    )


def _untold(report: Report) -> Iterator[str]:
    yield "| probability | cause | |\n|---|---|---|"
    for one in report.candidates:
        yield f"| {wording.percent(one.probability)} | {code(one.cause)} | {plain(one.title)} |"
    yield ""
    yield plain(wording.in_common(report)) + "\n"
    for step in report.next_steps[:1]:
        yield f"What would tell: {plain(step.how)}\n"
        yield f"```yaml\n{printable(step.paste)}\n```\n" if step.paste else ""


def _diagnosis(diagnosis: Diagnosis) -> Iterator[str]:
    place = f" on {', '.join(code(name) for name in diagnosis.where)}" if diagnosis.where else ""
    yield f"## {plain(diagnosis.title)}\n"
    yield f"{code(diagnosis.cause)}{place}: {wording.percent(diagnosis.probability)}, severity {diagnosis.severity}.\n"
    yield from _section("Evidence for", map(_because, diagnosis.because), level=3)
    yield from _section("Evidence against", map(_because, diagnosis.against), level=3)
    if diagnosis.explains:
        yield f"Explains as well: {', '.join(code(cause) for cause in diagnosis.explains)}.\n"
    yield "### Fix\n"
    yield from _solution(diagnosis.solution)
    yield f"### Verify with\n\n```sh\n{printable(diagnosis.verify)}\n```\n"


def _because(reason: Because) -> str:
    subject = "" if reason.subject == "site" else f"{code(reason.subject)}: "
    return f"{subject}{plain(reason.summary)} ({code(reason.check)}, {wording.strength(reason.weight)})"


def _solution(solution: Solution) -> Iterator[str]:
    """Steps are the catalogue's own Markdown, not text from outside."""
    yield printable(solution.summary) + "\n"
    for number, step in enumerate(solution.steps, 1):
        yield f"{number}. " + printable(step).replace("\n", "\n   ")
    yield ""
    if solution.alternatives:
        yield f"{wording.or_else(solution)}\n"
        yield from ("- " + printable(other).replace("\n", "\n  ") for other in solution.alternatives)
        yield ""


def _advice(advice: Advice) -> str:
    place = f" ({', '.join(code(name) for name in advice.where)})" if advice.where else ""
    return f"{code(advice.cause)}{place}: {plain(advice.title)}. {printable(advice.solution.summary)}"


def _finding(finding: Finding) -> str:
    place = "" if finding.subject == "site" else f" {code(finding.subject)}"
    at = f" ({code(f'{finding.at.file}:{finding.at.line}')})" if finding.at else ""
    return f"{finding.severity} {code(finding.check)}{place}: {plain(finding.summary)}{at}"


def _gaps(gaps: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for reason, checks in gaps.items():
        yield f"{plain(reason)} ({', '.join(code(check) for check in checks)})"


def _pictures(report: Report, style: Style) -> Iterator[str]:
    requests = pictures.requests_of(report)
    if requests:
        yield "## Who served each request of one client\n"
        yield "| request | node | session | state |\n|---|---|---|---|"
        for number, one in enumerate(requests, 1):
            node, session, state = map(plain, map(pictures.short, (one.node or "?", one.session, one.state)))
            yield f"| {number} | {node} | {session}{' (new)' if one.renewed else ''} | {state} |"
        yield ""
    grid = pictures.grid_of(report.findings)
    if grid:
        yield "## Session made on (row), read on (column)\n"
        yield f"| | {' | '.join(map(plain, grid.nodes))} |\n|---|{'---|' * len(grid.nodes)}"
        for node, row in zip(grid.nodes, grid.rows, strict=False):
            yield f"| **{plain(node)}** | {' | '.join(map(plain, row))} |"
        yield ""
    for chart in pictures.charts_of(report.findings, all_of_them=style.verbose):
        yield f"## {plain(chart.title)}\n"
        yield "| | keys | |\n|---:|---:|---|"
        for bar in chart.bars:
            yield f"| {plain(bar.label)} | {bar.count} | {'▇' * ceil(bar.share * _LONGEST_BAR)} |"
        yield ""
    if report.clocks and report.clocks.offsets:
        yield from _clocks(report.clocks, style)


def _clocks(table: ClockTable, style: Style) -> Iterator[str]:
    """The table where a clock is off, or for those who ask; else a line."""
    agree = clock_rows.agreement(table)
    if agree and not style.verbose:
        yield f"{plain(agree)}.\n"
        return
    yield f"## {plain(clock_rows.title(table))}\n"
    yield "| clock | off by | told by | |\n|---|---:|---|---|"
    for row in clock_rows.rows(table, plus_minus="±", blank="·"):
        yield f"| {plain(row.name)} | {plain(row.off)} | {plain(row.source)} | {_cell(row.drawn)} |"
    yield ""


def _cell(drawn: str) -> str:
    """A picture as code within a table, whose cells a bar would end."""
    return code(drawn.replace("|", "¦"))


def _happened(report: Report) -> Iterator[str]:
    """A block of code that a reader unfolds, fenced by more backticks than any line of it has."""
    if not report.requests:
        return
    lines = (happened.legend(report.requests), *happened.plain_lines(happened.courses(report.requests)))
    fence = "`" * max(3, 1 + max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0))
    yield f"<details><summary>{happened.TITLE}</summary>\n\n{fence}text"
    yield from lines
    yield f"{fence}\n\n</details>\n"


def _section(heading: str, lines: Iterable[str], level: int = 2) -> Iterator[str]:
    listed = [f"- {line}" for line in lines]
    if listed:
        yield f"{'#' * level} {heading}\n"
        yield from listed
        yield ""
