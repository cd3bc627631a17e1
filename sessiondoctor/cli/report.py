"""`sessiondoctor report`: a JSON report in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessiondoctor.cli import options as o


@o.takes(*o.SHOWN)
def report(
    job: o.Job,
    file: Annotated[
        Path, typer.Argument(metavar="REPORT.json", help="A report written by -f json; - for standard input.")
    ],
) -> None:
    """Convert a JSON report, without network access."""
    from sessiondoctor.cli.documents.output import destinations, write
    from sessiondoctor.report.reader import read_report

    outputs = destinations(job.formats, job.output)
    write(read_report(file), outputs, color=job.color, verbose=job.verbose)
