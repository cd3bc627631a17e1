"""One HTML file that needs nothing else: no script, no font, nothing to fetch; what came from outside is escaped."""

from __future__ import annotations

from html import escape
from math import ceil
from typing import TYPE_CHECKING

from sessiondoctor.model import Status
from sessiondoctor.report import clock_rows, happened, pictures, wording
from sessiondoctor.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.model import Because, Diagnosis, Finding, Report, Solution
    from sessiondoctor.report import Style
    from sessiondoctor.report.clock_rows import ClockRow
    from sessiondoctor.report.happened import Row
    from sessiondoctor.report.pictures import Bar

_LONGEST_BAR = 30

# The policy is a second wall: were something to get through the escaping, it would not run.
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>sessiondoctor report</title>
<style>
:root { color-scheme: light dark; --line: #8884; --bad: #c62828; --good: #2e7d32; --warn: #b26a00 }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
article { border: 1px solid var(--line); border-left: .4rem solid var(--bad); border-radius: .4rem; padding: 0 1.2rem }
h2 .p { float: right; font-weight: normal } code, pre { font-family: ui-monospace, monospace; font-size: .9em }
pre { overflow-x: auto; background: #8881; padding: .6rem; border-radius: .3rem; white-space: pre-wrap }
table { border-collapse: collapse } td, th { border: 1px solid var(--line); padding: .2rem .7rem; text-align: left }
.chart td, .chart th { border: 0; padding: 0 .5rem; text-align: right } .chart td:last-child { text-align: left }
.kept, .pass { color: var(--good) } .lost, .error, .fail { color: var(--bad); font-weight: 600 }
.unknown, .inconclusive, .skipped { color: var(--warn) } .not-applicable { opacity: .6 } footer { opacity: .7 }
</style></head><body>"""


def render(report: Report, _style: Style) -> str:
    """The whole report: answer, pictures, findings, gaps."""
    return "\n".join([_HEAD, *_body(report), "</body></html>"]) + "\n"


def text(value: object) -> str:
    """Any value as harmless text."""
    return escape(printable(str(value)), quote=True)


def _body(report: Report) -> Iterator[str]:
    yield f"<h1>{text(wording.headline(report))}</h1><p><code>{text(report.target)}</code></p>"
    if report.scanned_url:
        yield f"<p>{text(wording.moved(report))}</p>"
    yield from (f"<p>{text(line)}</p>" for line in wording.site(report))
    if not report.complete:
        yield "<p class=fail>Incomplete: the scan was cut short.</p>"
    if report.asked:
        yield from _list("Asked for", (f"{line.word} {line.check}: {line.why}" for line in wording.checks(report)))
        return
    if report.candidates:
        yield from _untold(report)
    elif not report.stated:
        yield f"<p>{text(wording.explanation(report))}</p>"
    for diagnosis in report.stated:
        yield from _diagnosis(diagnosis)
    yield from _pictures(report)
    yield from _list("Also possible", wording.possible(report))
    yield from _list("Advice", (f"{a.cause}: {a.title}. {a.solution.summary}" for a in report.advice))
    yield from _list("Not looked at", wording.unseen(report))
    yield from _list("To know more", (f"{step.how} (for {step.check})" for step in report.next_steps))
    yield from _happened(report)
    yield from _findings(report.findings)
    yield (
        f"<footer>{text(wording.tally(report))}; {report.duration_s:g} s; exit code {report.exit_code}; "
        f"{text(report.tool.name)} {text(report.tool.version)}, {text(report.started_at)}</footer>"
    )


def _untold(report: Report) -> Iterator[str]:
    rows = (
        f"<tr><td>{wording.percent(one.probability)}</td><td><code>{text(one.cause)}</code></td>"
        f"<td>{text(one.title)}</td></tr>"
        for one in report.candidates
    )
    yield f"<article><table>{''.join(rows)}</table><p>{text(wording.in_common(report))}</p>"
    for step in report.next_steps[:1]:
        yield f"<p>What would tell: {text(step.how)}</p>"
        yield f"<pre>{text(step.paste)}</pre>" if step.paste else ""
    yield "</article>"


def _diagnosis(diagnosis: Diagnosis) -> Iterator[str]:
    place = f" on {', '.join(diagnosis.where)}" if diagnosis.where else ""
    yield f"<article><h2>{text(diagnosis.title)} <span class=p>{wording.percent(diagnosis.probability)}</span></h2>"
    yield f"<p><code>{text(diagnosis.cause)}</code>, {text(diagnosis.severity)}{text(place)}</p>"
    yield from _list("Evidence for", map(_reason, diagnosis.because), level=3)
    yield from _list("Evidence against", map(_reason, diagnosis.against), level=3)
    yield from _list("Explains as well", diagnosis.explains, level=3)
    yield from _solution(diagnosis.solution)
    yield f"<h3>Verify with</h3><pre>{text(diagnosis.verify)}</pre></article>"


def _reason(reason: Because) -> str:
    subject = "" if reason.subject == "site" else f"{reason.subject}: "
    return f"{subject}{reason.summary} ({reason.check}, {wording.strength(reason.weight)})"


def _solution(solution: Solution) -> Iterator[str]:
    yield f"<h3>Fix</h3><p>{text(solution.summary)}</p><ol>"
    yield from (f"<li>{_step(step)}</li>" for step in solution.steps)
    yield "</ol>"
    yield from _list("Or", solution.alternatives, level=3)


def _step(step: str) -> str:
    """A step's own Markdown: fences become `pre`, the rest is text."""
    parts = step.split("```")
    shown = [
        text(part) if not n % 2 else f"<pre>{text(part.partition(chr(10))[2])}</pre>" for n, part in enumerate(parts)
    ]
    return "".join(shown)


def _pictures(report: Report) -> Iterator[str]:
    beats = pictures.strip_of(report.findings)
    if beats:
        yield "<h2>Who served each request of one client</h2><table><tr>"
        yield "".join(
            f"<td>{text(beat.node)}<br><span class={_word(beat.state)}>{text(beat.state)}</span></td>" for beat in beats
        )
        yield "</tr></table>"
    grid = pictures.grid_of(report.findings)
    if grid:
        yield "<h2>Session made on (row), read on (column)</h2><table><tr><th></th>"
        yield "".join(f"<th>{text(node)}</th>" for node in grid.nodes) + "</tr>"
        for node, row in zip(grid.nodes, grid.rows, strict=False):
            cells = "".join(f"<td class={_word(state)}>{text(state)}</td>" for state in row)
            yield f"<tr><th>{text(node)}</th>{cells}</tr>"
        yield "</table>"
    for chart in pictures.charts_of(report.findings, all_of_them=True):
        yield f"<h2>{text(chart.title)}</h2><table class=chart>"
        yield from map(_bar, chart.bars)
        yield "</table>"
    if report.clocks and report.clocks.offsets:
        yield f"<h2>{text(clock_rows.title(report.clocks))}</h2><table>"
        yield "<tr><th>clock</th><th>off by</th><th>told by</th><th></th></tr>"
        yield from map(_clock, clock_rows.rows(report.clocks, plus_minus="±", blank="·"))
        yield "</table>"


def _clock(row: ClockRow) -> str:
    cells = "".join(f"<td>{text(cell)}</td>" for cell in (row.off, row.source))
    return f"<tr><th>{text(row.name)}</th>{cells}<td><code>{text(row.drawn)}</code></td></tr>"


def _bar(bar: Bar) -> str:
    """The bar is text, as the style sheet cannot know its length."""
    drawn = "█" * ceil(bar.share * _LONGEST_BAR)
    return f"<tr><th>{text(bar.label)}</th><td>{text(bar.count)}</td><td>{drawn}</td></tr>"


def _happened(report: Report) -> Iterator[str]:
    if not report.requests:
        return
    heads = "".join(f"<th>{text(head)}</th>" for head in (*happened.HEAD, "what else"))
    yield f"<details><summary>{text(happened.TITLE)}</summary><p>{text(happened.legend(report.requests))}</p>"
    yield f"<table><tr>{heads}</tr>"
    for course in happened.courses(report.requests):
        yield f'<tr><th colspan="{len(happened.HEAD) + 1}">{text(course.client)}: {text(course.summary)}</th></tr>'
        yield from map(_request, course.rows)
    yield "</table></details>"


def _request(row: Row) -> str:
    *before, state, status = row.cells
    cells = "".join(f"<td>{text(cell)}</td>" for cell in before)
    notes = "<br>".join(map(text, row.notes))
    return f"<tr>{cells}<td class={_word(state)}>{text(state)}</td><td>{text(status)}</td><td>{notes}</td></tr>"


def _findings(findings: Iterable[Finding]) -> Iterator[str]:
    yield "<h2>All findings</h2><table><tr><th>status</th><th>check</th><th>subject</th><th>what</th></tr>"
    for finding in findings:
        what = finding.summary if finding.status in {Status.PASS, Status.FAIL} else finding.reason
        status = f"<td class={_word(finding.status)}>{text(finding.status)}</td>"
        check = f"<td><code>{text(finding.check)}</code></td>"
        yield f"<tr>{status}{check}<td>{text(finding.subject)}</td><td>{text(what)}</td></tr>"
    yield "</table>"


def _list(heading: str, items: Iterable[str], level: int = 2) -> Iterator[str]:
    shown = [f"<li>{text(item)}</li>" for item in items]
    if shown:
        yield f"<h{level}>{heading}</h{level}><ul>{''.join(shown)}</ul>"


def _word(value: str) -> str:
    """A class name, whatever the report says."""
    known = {*pictures.MARKS, *(status.value for status in Status)}
    return value if value in known else "unknown"
