"""`sessiondoctor check`: some checks only, for pipelines."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from sessiondoctor.cli import completion
from sessiondoctor.cli import options as o


@o.takes(*o.JUDGED, *o.PROBING, "allow_inconclusive")
def check(
    job: o.Job,
    ids: Annotated[
        list[str],
        typer.Argument(
            metavar="ID...", autocompletion=completion.checks, help="Checks or families; see `list checks`."
        ),
    ],
    target: Annotated[
        str | None,
        typer.Option(
            "--target", "-t", metavar="TARGET", help="A URL or a topology file; default: ./sessiondoctor.yaml."
        ),
    ] = None,
) -> None:
    """Run just these checks, and say of each what came of it; only the probes they need are sent.

    One line for each: PASS, FAIL, CANNOT TELL or DOES NOT APPLY, and why. Exit code 1 if one of them fails at or above
    --fail-on, 3 if one cannot be told, or does not apply and was named by itself.
    """
    from sessiondoctor.cli.job import run

    raise typer.Exit(run(replace(job, target=target, select=tuple(ids), checks_only=True)))
