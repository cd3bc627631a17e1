"""The report in Jira's wiki markup, for an issue's description or a comment; nothing from outside formats itself.

Format: "Text Formatting Notation Help" of Jira (wiki renderer).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.report import happened, log_lines, pictures, wording
from sessiondoctor.report.escape import one_line, printable
from sessiondoctor.report.known import Known

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.model import Because, Diagnosis, Report
    from sessiondoctor.report import Style

# Everywhere; and what has a meaning at the border of a word only, or before the rest of an address.
_SPECIAL = re.compile(r"([\\*^~{}\[\]|!#?@&()]|(?<![^\W_])[-_+]|[-_+](?![^\W_])|:(?=//|\S+@))")
_FENCE = re.compile(r"```\w*\n?")
_BLOCK = re.compile(r"\{(?=\s*(?:noformat|code))", re.IGNORECASE)


def render(report: Report, style: Style) -> str:
    """An issue's text: headline, causes, matrix, findings, gaps."""
    return "\n".join(_lines(report, style)).strip() + "\n"


def plain(text: str) -> str:
    """One line of text in which no character has a meaning to Jira: no markup, no link, no user's name."""
    return _SPECIAL.sub(r"\\\1", one_line(text))


def block(text: str) -> str:
    """Text as it is; what would end the block early is broken."""
    return f"{{noformat}}\n{_BLOCK.sub('{ ', printable(text))}\n{{noformat}}"


def _lines(report: Report, style: Style) -> Iterator[str]:
    yield f"h2. {plain(wording.said(report))}\n\nTarget: {plain(report.target)}, {plain(report.started_at)}\n"
    yield from (f"*{plain(line)}*\n" for line in wording.remarks(report))
    if report.asked:
        yield from (f"* {line.word} {plain(line.check)}: {plain(line.why)}" for line in wording.checks(report))
        return
    if report.candidates:
        yield from _untold(report)
    elif not report.stated:
        yield plain(wording.explanation(report)) + "\n"
    known = Known(style.packs)
    for diagnosis in report.stated:
        yield from _diagnosis(diagnosis, report, known)
    yield from _listed("Also possible", map(plain, wording.possible(report)))
    yield from _matrix(report)
    yield from _listed(log_lines.TITLE, map(plain, log_lines.lines(report.logs)))
    advice = (f"{plain(one.title)}. {plain(one.solution.summary)} ({plain(one.cause)})" for one in report.advice)
    yield from _listed("Advice", advice)
    failed = (f"{plain(one.check)}, {plain(one.subject)}: {plain(one.summary)}" for one in wording.failed(report))
    yield from _listed("What failed", failed)
    yield from _listed("Not looked at", map(plain, wording.unseen(report)))
    yield from _listed("To know more", (plain(step.how) for step in report.next_steps))
    if style.verbose and report.requests:
        yield f"h3. {happened.TITLE}\n"
        yield block("\n".join(happened.plain_lines(happened.courses(report.requests)))) + "\n"
    tool = f"{report.tool.name} {report.tool.version}"
    yield plain(f"{wording.tally(report)}; exit code {report.exit_code}; {tool}")


def _untold(report: Report) -> Iterator[str]:
    yield "||probability||cause||id||"
    yield from (
        f"|{wording.percent(one.probability)}|{plain(one.title)}|{plain(one.cause)}|" for one in report.candidates
    )
    yield f"\n{plain(wording.in_common(report))}\n"
    for step in report.next_steps[:1]:
        yield f"What would tell: {plain(step.how)}\n"
        yield block(step.paste) + "\n" if step.paste else ""


def _diagnosis(diagnosis: Diagnosis, report: Report, known: Known) -> Iterator[str]:
    yield f"h3. {plain(diagnosis.title)}\n"
    told = (
        ("What is lost", wording.lost(report)),
        ("Where", ", ".join(diagnosis.where)),
        ("Why", known.lead(diagnosis.cause).replace("`", "")),
        ("How sure", wording.how_sure(diagnosis)),
        ("Cause", f"{diagnosis.cause}, {diagnosis.severity}"),
    )
    yield from (f"|*{label}*|{plain(words)}|" for label, words in told if words)
    yield f"\n*What to do*: {plain(diagnosis.solution.summary)}\n"
    yield from (f"# {_step(step)}" for step in diagnosis.solution.steps)
    if diagnosis.solution.alternatives:
        yield wording.or_else(diagnosis.solution)
    yield from (f"* {_step(step)}" for step in diagnosis.solution.alternatives)
    yield f"\n*Prove it with*\n{block(diagnosis.verify)}\n"
    yield from _listed("Evidence for", map(_because, diagnosis.because))
    yield from _listed("Evidence against", map(_because, diagnosis.against))


def _because(reason: Because) -> str:
    subject = "" if reason.subject == "site" else f"{plain(reason.subject)}: "
    return f"{subject}{plain(reason.summary)} ({plain(reason.check)}, {wording.strength(reason.weight)})"


def _step(step: str) -> str:
    """Markdown of the catalogue: fences become blocks, the rest is text."""
    parts = _FENCE.split(printable(step))
    shown = (block(part.rstrip()) if n % 2 else plain(part.replace("`", "")) for n, part in enumerate(parts))
    return "\n".join(part for part in shown if part)


def _matrix(report: Report) -> Iterator[str]:
    grid = pictures.grid_of(report.findings)
    if not grid:
        return
    yield "h3. Session made on (row), read on (column)\n"
    yield f"|| ||{'||'.join(map(plain, grid.nodes))}||"
    for node, row in zip(grid.nodes, grid.rows, strict=False):
        yield f"||{plain(node)}|{'|'.join(plain(pictures.MARKS.get(state, '?')) for state in row)}|"
    yield ""


def _listed(heading: str, lines: Iterable[str]) -> Iterator[str]:
    listed = [f"* {line}" for line in lines if line]
    if listed:
        yield f"h3. {heading}\n"
        yield from listed
        yield ""
