"""Reports: one renderer a format, each a module with `render(report, style) -> str`.

Everything that came from outside is text to them: each escapes it for its own format.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessiondoctor.model import Report

FORMATS = {
    "text": "terminal",
    "json": "json_document",
    "markdown": "markdown",
    "html": "html",
    "sarif": "sarif",
    "junit": "junit",
    "github": "github",
    "jira": "jira",
    "slack": "slack",
}
SUFFIXES = {
    ".txt": "text",
    ".json": "json",
    ".md": "markdown",
    ".html": "html",
    ".sarif": "sarif",
    ".xml": "junit",
    ".jira": "jira",
}


@dataclass(frozen=True, slots=True)
class Style:
    """How to render: width in columns, colour or not, all details or only what matters; packs with further causes."""

    width: int = 100
    color: bool = False
    verbose: bool = False
    packs: tuple[Path, ...] = ()


def render(report: Report, name: str, style: Style) -> str:
    """The report in the format of this name, a key of `FORMATS`."""
    module = importlib.import_module(f"sessiondoctor.report.{FORMATS[name]}")
    text: str = module.render(report, style)
    return text
