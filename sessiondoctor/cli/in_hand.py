"""What `judge`, `lint` and `logs` have in common: files in place of a site, and signals while they are read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sessiondoctor.cli.signals import Held

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sessiondoctor.artefacts.media import AccessLogs
    from sessiondoctor.artefacts.source import Source
    from sessiondoctor.cli.options import Job
    from sessiondoctor.pipeline.order import Order


def report_on(
    job: Job, order: Order, sources: Sequence[Source], only: Collection[str] = (), access: AccessLogs | None = None
) -> int:
    """Judges the files and writes the report; the first signal ends the reading, not the report. Returns the code."""
    from sessiondoctor.cli.documents.ahead import load_ahead
    from sessiondoctor.cli.documents.output import destinations, write
    from sessiondoctor.pipeline.offline import judge_files

    outputs = destinations(job.formats, job.output)
    with Held() as held:
        load_ahead(order, outputs)
        with held.reading() as stopped:
            report = judge_files(order, sources, only, access, stopped)
        if held.code:
            report = replace(report, exit_code=held.code)
        write(report, outputs, color=job.color, verbose=job.verbose, packs=job.packs)
    return report.exit_code
