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
    symptoms: o.Symptoms = None,
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
    rehearse_only: o.RehearseOnly = False,
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
    words = locals()
    from sessiondoctor.cli.job import run
    from sessiondoctor.cli.order import Job

    raise typer.Exit(run(Job.of(words)))
