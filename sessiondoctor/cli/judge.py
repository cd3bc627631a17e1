"""`sessiondoctor judge`: files in place of a site."""

from __future__ import annotations

from typing import Annotated

import typer

from sessiondoctor.cli import options as o

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...", help="Files, folders, - for standard input; NAME=FILE says whose it is.", show_default=False
    ),
]
As = Annotated[
    str, typer.Option("--as", metavar="FORMAT", help="What the files are; else recognised. See `list formats`.")
]
Topology = Annotated[
    str | None,
    typer.Option("--topology", "-t", metavar="TOPOLOGY", help="What else is known: a topology file or a URL."),
]


def judge(
    files: Files,
    as_: As = "",
    topology: Topology = None,
    symptom: o.Symptoms = None,
    formats: o.Formats = None,
    output: o.Output = None,
    fail_on: o.FailOnOption = o.FailOn.HIGH,
    select: o.Select = None,
    ignore: o.Ignore = None,
    baseline: o.Baseline = None,
    pack: o.Packs = None,
    allow_inconclusive: o.AllowInconclusive = False,
    color: o.ColorOption = o.Color.AUTO,
    verbose: o.Verbose = False,
) -> None:
    """Judge what is in hand: configuration, logs, captures, bundles. Contacts nobody.

    With a symptom, what the files show is ranked as causes of it; without one it is advice.

    Exit codes: 0 nothing at or above --fail-on; 1 a fault; 2 a mistake on the command line or in a topology;
    3 no file could be recognised; 4 sessiondoctor itself failed.
    """
    from sessiondoctor.artefacts.dispatch import checked_format
    from sessiondoctor.artefacts.intake import sources
    from sessiondoctor.cli.order import Job, order_of
    from sessiondoctor.cli.output import destinations, write
    from sessiondoctor.pipeline.offline import judge_files

    outputs = destinations(tuple(formats or ()), output)
    job = Job(
        target=topology,
        fail_on=fail_on,
        select=tuple(select or ()),
        ignore=tuple(ignore or ()),
        baseline=baseline,
        symptoms=tuple(symptom or ()),
        packs=tuple(pack or ()),
        allow_inconclusive=allow_inconclusive,
    )
    order = order_of(job, tuple(files))
    report = judge_files(order, sources(files, checked_format(as_)))
    write(report, outputs, color=color, verbose=verbose)
    raise typer.Exit(report.exit_code)
