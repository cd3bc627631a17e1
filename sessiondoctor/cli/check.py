"""`sessiondoctor check`: some checks only, for pipelines."""

from __future__ import annotations

from typing import Annotated

import typer

from sessiondoctor.cli import options as o
from sessiondoctor.cli.scan import scan


def check(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Checks or families; see `list checks`.")],
    target: Annotated[
        str | None, typer.Option("--target", "-t", help="A URL or a topology file; default: ./sessiondoctor.yaml.")
    ] = None,
    formats: o.Formats = None,
    output: o.Output = None,
    fail_on: o.FailOnOption = o.FailOn.HIGH,
    baseline: o.Baseline = None,
    requests: o.Requests = None,
    rate: o.Rate = None,
    timeout: o.Timeout = 10.0,
    deadline: o.Deadline = 90.0,
    allow: o.AllowOption = o.Allow.OBSERVE,
    census: o.CensusOption = o.CensusKind.SAMPLE,
    pack: o.Packs = None,
    plan: o.PlanOnly = False,
    allow_inconclusive: o.AllowInconclusive = False,
    color: o.ColorOption = o.Color.AUTO,
    verbose: o.Verbose = False,
    quiet: o.Quiet = False,
) -> None:
    """Run just these checks; only the probes they need are sent.

    Exit code 1 if one of them fails at or above --fail-on, 3 if one has no answer.
    """
    scan(
        target,
        formats,
        output,
        fail_on,
        ids,
        baseline=baseline,
        requests=requests,
        rate=rate,
        timeout=timeout,
        deadline=deadline,
        allow=allow,
        census=census,
        pack=pack,
        plan=plan,
        allow_inconclusive=allow_inconclusive,
        color=color,
        verbose=verbose,
        quiet=quiet,
    )
