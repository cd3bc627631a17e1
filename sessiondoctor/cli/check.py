"""`sessiondoctor check`: some checks only, for pipelines."""

from __future__ import annotations

from typing import Annotated

import typer

from sessiondoctor.cli import options as o


def check(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Checks or families; see `list checks`.")],
    target: Annotated[
        str | None, typer.Option("--target", "-t", help="A URL or a topology file; default: ./sessiondoctor.yaml.")
    ] = None,
    formats: o.Formats = None,
    output: o.Output = None,
    fail_on: o.FailOnOption = o.FailOn.HIGH,
    baseline: o.Baseline = None,
    header: o.Header = None,
    user: o.User = None,
    insecure: o.Insecure = False,
    cacert: o.Cacert = None,
    cert: o.Cert = None,
    key: o.Key = None,
    resolve: o.Resolve = None,
    proxy: o.ProxyUrl = None,
    requests: o.Requests = None,
    rate: o.Rate = None,
    timeout_s: o.Timeout = 10.0,
    deadline_s: o.Deadline = 90.0,
    allow: o.AllowOption = o.Allow.OBSERVE,
    census: o.CensusOption = o.CensusKind.SAMPLE,
    packs: o.Packs = None,
    plan_only: o.PlanOnly = False,
    allow_inconclusive: o.AllowInconclusive = False,
    color: o.ColorOption = o.Color.AUTO,
    verbose: o.Verbose = False,
    quiet: o.Quiet = False,
) -> None:
    """Run just these checks, and say of each what came of it; only the probes they need are sent.

    One line for each: PASS, FAIL, CANNOT TELL or DOES NOT APPLY, and why. Exit code 1 if one of them fails at or above
    --fail-on, 3 if one cannot be told, or does not apply and was named by itself.
    """
    words = locals()
    from sessiondoctor.cli.job import run
    from sessiondoctor.cli.order import Job

    raise typer.Exit(run(Job.of({**words, "select": ids, "checks_only": True})))
