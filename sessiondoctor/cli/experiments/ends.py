"""When things end, as a table: what an idle ladder found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.report.escape import one_line

if TYPE_CHECKING:
    from sessiondoctor.experiments.idle.result import Result

_RENEWED = {True: "yes", False: "no", None: "?"}
_HEADS = ("what", "ends after", "renewed by use", "")


def text_of(result: Result) -> str:
    """The table, then what does not fit together."""
    rows = [_HEADS, *((one_line(r.what), r.at, _RENEWED[r.renewed], one_line(r.note)) for r in result.rows)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    warnings = [f"! {one_line(text[:1].upper() + text[1:])}." for text in result.warnings]
    return "\n".join([*lines, *([""] if warnings else []), *warnings]) + "\n"
