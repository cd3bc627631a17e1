"""`sessiondoctor judge`: files in place of a site."""

from __future__ import annotations

from dataclasses import replace

import typer

from sessiondoctor.cli import options as o


@o.takes(*o.CHOSEN, "allow_inconclusive")
def judge(job: o.Job, files: o.Files, as_: o.As = "", topology: o.Topology = None) -> None:
    """Judge what is in hand: configuration, logs, captures, bundles. Contacts nobody.

    With a symptom, what the files show is ranked as causes of it; without one it is advice.

    Exit codes: 0 nothing at or above --fail-on; 1 a fault; 2 a mistake on the command line or in a topology;
    3 no file could be recognised; 4 sessiondoctor itself failed; 130 interrupted.
    """
    from sessiondoctor.artefacts.dispatch import checked_format
    from sessiondoctor.artefacts.intake import sources
    from sessiondoctor.cli.in_hand import report_on
    from sessiondoctor.cli.order import order_of

    order = order_of(replace(job, target=topology), tuple(files))
    raise typer.Exit(report_on(job, order, sources(files, checked_format(as_))))
