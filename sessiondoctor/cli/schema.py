"""`sessiondoctor schema`: JSON Schema of the files that go in and come out."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer


class What(StrEnum):
    """Which file."""

    TOPOLOGY = "topology"
    REPORT = "report"


def schema(what: Annotated[What, typer.Argument(metavar="topology|report", help="Which file's schema.")]) -> None:
    """Print the JSON Schema of the topology file or of the JSON report."""
    from sessiondoctor.cli.documents.output import show

    if what is What.TOPOLOGY:
        from sessiondoctor.topology.schema import topology_schema

        text = json.dumps(topology_schema(), indent=2)
    else:
        from sessiondoctor.report.reader import report_schema

        text = json.dumps(report_schema(), indent=2)
    show(f"{text}\n")
