"""A message for Slack: the answer in a few lines of its `mrkdwn`; nothing from outside formats itself or calls anybody.

Format: https://api.slack.com/reference/surfaces/formatting. Three characters are written as entities; `@channel`, links
and channel names need `<`, so that they cannot come from outside; what is left of markup is taken apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.report import wording
from sessiondoctor.report.escape import one_line, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.model import Diagnosis, Report
    from sessiondoctor.report import Style

_MARKUP = re.compile(r"([*_~])")
_ADDRESS = re.compile(r"(?i)\b(https?|mailto):")
_FEW = 3
_LONGEST = 500
_APART = "\u2060"  # a word joiner: shows nothing


def render(report: Report, _style: Style) -> str:
    """At most a screen; who wants more opens the HTML or JSON report."""
    return "\n".join(line for line in _lines(report) if line) + "\n"


def plain(text: str) -> str:
    """One line, without a meaning to Slack."""
    line = _entities(one_line(text)[:_LONGEST]).replace("`", "'")
    return _ADDRESS.sub(rf"\1{_APART}:", _MARKUP.sub(rf"{_APART}\1{_APART}", line))


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _code(text: str) -> str:
    return f"`{_entities(one_line(text)).replace('`', chr(39))}`"


def _lines(report: Report) -> Iterator[str]:
    yield f"*{plain(wording.said(report))}* ({_code(report.target)})"
    yield from (f"_{plain(line)}_" for line in wording.remarks(report))
    if report.asked:
        yield from (f"• {line.word} {_code(line.check)}: {plain(line.why)}" for line in wording.checks(report))
        return
    for diagnosis in report.stated:
        yield from _diagnosis(diagnosis, report)
    for one in report.candidates:
        yield f"• {wording.percent(one.probability)} {plain(one.title)} ({_code(one.cause)})"
    if report.candidates:
        yield plain(wording.in_common(report))
    elif not report.stated:
        yield plain(wording.explanation(report))
    yield from (f"Advice: {plain(one.title)} ({_code(one.cause)})" for one in report.advice[:_FEW])
    if len(report.advice) > _FEW:
        yield f"and {len(report.advice) - _FEW} more"
    if not report.stated:
        yield from (f"To know more: {plain(step.how)}" for step in report.next_steps[:1])
    yield plain(f"{wording.tally(report)}; exit code {report.exit_code}")


def _diagnosis(diagnosis: Diagnosis, report: Report) -> Iterator[str]:
    place = f" on *{plain(', '.join(diagnosis.where))}*" if diagnosis.where else ""
    head = plain(diagnosis.title) if len(report.stated) > 1 else _code(diagnosis.cause)
    yield f"{head}, {diagnosis.severity}{place}; how sure: {plain(wording.how_sure(diagnosis))}"
    lost = wording.lost(report)
    yield f"What is lost: {plain(lost)}" if lost else ""
    yield from (f"• {plain(reason.summary)}" for reason in diagnosis.because[:_FEW])
    yield f"What to do: {plain(diagnosis.solution.summary)}"
    yield f"Prove it with:\n```\n{_entities(printable(diagnosis.verify)).replace('```', chr(39) * 3)}\n```"
