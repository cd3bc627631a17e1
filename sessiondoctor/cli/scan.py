"""`sessiondoctor scan`: probe, judge, diagnose, report."""

from __future__ import annotations

import typer

from sessiondoctor.cli import options as o


@o.takes("target", *o.CHOSEN, *o.PROBING, "rehearse_only", "allow_inconclusive")
def scan(job: o.Job) -> None:
    """Find out why sessions get lost: probe the site, name the cause, show the fix.

    Reads only. Declaring `site.flow` in the topology is consent to run it on throw-away sessions.

    Exit codes: 0 nothing at or above --fail-on; 1 a fault; 2 a mistake on the command line or in a file;
    3 something could not be looked at; 4 sessiondoctor itself failed; 130 interrupted.
    """
    from sessiondoctor.cli.job import run

    raise typer.Exit(run(job))
