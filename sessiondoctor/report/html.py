"""One HTML file that needs nothing else: no script, no font, nothing to fetch; what came from outside is escaped.

The templates escape every value; `_harmless` takes control characters before. The page's policy is a second wall: were
something to get through, it would not run.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from sessiondoctor.model import Status
from sessiondoctor.report import happened, log_lines, pictures, wording
from sessiondoctor.report.drawings.charts import clocks_of, histograms_of, matrix_of
from sessiondoctor.report.drawings.site import site_of
from sessiondoctor.report.drawings.timeline import ages_of, timelines_of
from sessiondoctor.report.escape import printable
from sessiondoctor.report.known import Known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.model import Report
    from sessiondoctor.report import Style
    from sessiondoctor.report.drawings import Drawing

_TEMPLATES = Path(__file__).parent / "templates"
_HEADS = ("#", "at", "node", "session", "id", "state", "http", "what else")
_STATES = {"kept": "kept", "written": "kept", "lost": "lost", "error": "error"}


def render(report: Report, style: Style) -> str:
    """The whole report: answer, pictures, findings, gaps."""
    known = Known(style.packs)
    page = _environment(known).get_template("report.html.j2")
    return page.render(
        report=report,
        said=wording.said(report),
        badge=_badge(report),
        explanation=wording.explanation(report),
        in_common=wording.in_common(report),
        lost=wording.lost(report),
        remarks=tuple(wording.remarks(report)),
        contents=tuple(_contents(report)),
        asked=tuple(f"{line.word} {line.check}: {line.why}" for line in wording.checks(report)),
        possible=wording.possible(report),
        pictures=tuple(_pictures(report)),
        dropped=pictures.dropped_in(pictures.requests_of(report)),
        logs_title=log_lines.TITLE,
        log_heads=log_lines.HEADS,
        logs=tuple(log_lines.rows(report.logs)),
        unseen=tuple(f"{reason} ({', '.join(checks)})" for reason, checks in wording.unseen(report).items()),
        next_steps=tuple(wording.next_step(step, known.title(step.check)) for step in report.next_steps),
        courses=happened.courses(report.requests),
        happened_title=happened.TITLE,
        legend=happened.legend(report.requests),
        heads=_HEADS,
        anchors=_anchors(report),
        tally=wording.tally(report),
    )


def _badge(report: Report) -> str:
    """The verdict, where the heading does not say it."""
    word = wording.HEADLINES[report.verdict]
    return "" if wording.is_untold(report) or wording.said(report) == word else word


def _environment(known: Known) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, finalize=_harmless, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters.update(
        markdown=_markdown,
        step=_step,
        page=known.page,
        titled=known.titled,
        why=lambda one: known.lead(one.cause),
        how_sure=wording.how_sure,
        percent=wording.percent,
        or_else=wording.or_else,
        strength=wording.strength,
        quote=wording.quote_of,
        state=lambda cell: _STATES.get(cell, "unknown"),
        seconds=lambda value: f"{value:g}",
        px=_px,
    )
    return environment


def _harmless(value: Any) -> Any:
    """What a template is about to show, without what would fool a terminal or an eye."""
    return value if isinstance(value, Markup) else printable(str(value))


def _markdown(text: str, *off: str) -> Markup:
    """A page's Markdown: no HTML of its own, no links, no pictures."""
    off = ("link", "autolink", "image", "reference", "entity", *off)
    reader = MarkdownIt("commonmark", {"html": False}).disable(list(off))
    return Markup(reader.render(printable(text)))  # noqa: S704 - the reader escapes


def _step(text: str) -> Markup:
    """A step's Markdown; it has no headings: the page's own must stay in order."""
    return _markdown(text, "heading", "lheading")


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if math.isfinite(value) else "0"


def _pictures(report: Report) -> Iterator[Drawing]:
    single = (site_of(report), matrix_of(report.findings), ages_of(report), clocks_of(report.clocks))
    site, matrix, ages, clocks = single
    drawn = (site, *timelines_of(report), ages, matrix, *histograms_of(report.findings), clocks)
    yield from (one for one in drawn if one)


def _contents(report: Report) -> Iterator[tuple[str, str]]:
    """Where the page's parts stand; those that there are."""
    if report.asked:
        return
    titles = [one.title for one in report.stated] if len(report.stated) > 1 else ["The answer"] * len(report.stated)
    yield from ((f"cause-{number}", title) for number, title in enumerate(titles, 1))
    parts = (
        ("logs", log_lines.TITLE, report.logs),
        ("advice", "Advice", report.advice),
        ("next", "To know more", report.next_steps),
        ("requests", happened.TITLE, report.requests),
    )
    yield from ((id_, word) for id_, word, there in parts if there)
    yield "findings", "All findings"


def _anchors(report: Report) -> dict[str, str]:
    """Where each check's first failed finding stands, else its first."""
    found: dict[str, str] = {}
    for number, finding in enumerate(report.findings, 1):
        if finding.status is Status.FAIL or finding.check not in found:
            found.setdefault(finding.check, f"finding-{number}")
    return found
