"""`sessiondoctor report`: a JSON report in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessiondoctor.cli import options as o


def report(
    file: Annotated[Path, typer.Argument(metavar="REPORT.json", help="A report written by -f json.")],
    formats: o.Formats = None,
    output: o.Output = None,
    color: o.ColorOption = o.Color.AUTO,
    verbose: o.Verbose = False,
) -> None:
    """Convert a JSON report; asks nobody anything."""
    from sessiondoctor.cli.output import destinations, write
    from sessiondoctor.report.reader import read_report

    write(read_report(file), destinations(tuple(formats or ()), output), color=color, verbose=verbose)
