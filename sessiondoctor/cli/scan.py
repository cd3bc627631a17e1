"""`sessiondoctor scan`: probe, judge, diagnose, report."""

from __future__ import annotations

import typer

from sessiondoctor.cli import options as o


def scan(
    target: o.TargetArgument = None,
    formats: o.Formats = None,
    output: o.Output = None,
    fail_on: o.FailOnOption = o.FailOn.HIGH,
    select: o.Select = None,
    ignore: o.Ignore = None,
    baseline: o.Baseline = None,
    symptom: o.Symptoms = None,
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
    """Find out why sessions get lost: probe the site, name the cause, show the fix.

    Reads only. Declaring `site.flow` in the topology is consent to run it on throw-away sessions.

    Exit codes: 0 nothing at or above --fail-on; 1 a fault; 2 a mistake on the command line or in a file;
    3 something could not be looked at; 4 sessiondoctor itself failed; 130 interrupted.
    """
    from sessiondoctor.cli.job import run
    from sessiondoctor.cli.order import Job

    job = Job(
        target=target,
        formats=tuple(formats or ()),
        output=output,
        fail_on=fail_on,
        select=tuple(select or ()),
        ignore=tuple(ignore or ()),
        baseline=baseline,
        symptoms=tuple(symptom or ()),
        requests=requests,
        rate=rate,
        timeout_s=timeout,
        deadline_s=deadline,
        allow=allow,
        census=census,
        packs=tuple(pack or ()),
        plan_only=plan,
        allow_inconclusive=allow_inconclusive,
        color=color,
        verbose=verbose,
        quiet=quiet,
    )
    raise typer.Exit(run(job))
