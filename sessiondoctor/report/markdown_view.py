"""Shows a Markdown page on a terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from sessiondoctor.report.escape import printable

if TYPE_CHECKING:
    from sessiondoctor.report import Style


def show(page: str, style: Style) -> str:
    """The page laid out for `style.width` columns where colour is wanted, else the Markdown as it is."""
    if not style.color:
        return printable(page)
    from rich.console import Console
    from rich.markdown import Markdown

    out = io.StringIO()
    console = Console(file=out, width=style.width, force_terminal=True, color_system="standard", legacy_windows=False)
    console.print(Markdown(printable(page), hyperlinks=False))
    return out.getvalue()
