"""Pieces of the text report: a labelled row, a numbered step, a line with its continuation indented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.console import RenderableType

_LABEL = 16


def row(label: str, content: RenderableType) -> RenderableType:
    """A label, and what belongs to it beside it."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=_LABEL, style="bold")
    grid.add_column(ratio=1)
    grid.add_row(label, content)
    return grid


def numbered(mark: str, text: Text, width: int = 2) -> RenderableType:
    """A step behind its mark, which has this width at least."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=max(width, len(mark)), justify="right")
    grid.add_column()
    grid.add_row(mark, text)
    return grid


def hanging(text: Text) -> RenderableType:
    """A line whose continuation is indented behind its two-character sign."""
    grid = Table.grid()
    grid.add_column(width=2)
    grid.add_column()
    grid.add_row(text[:2], text[2:])
    return grid


def pasted(command: str) -> Text:
    """A command on a line of its own, unstyled: it must survive being pasted."""
    return Text(f"  {command}", no_wrap=True)
