"""`sessiondoctor logs`: access logs, which sessions met which nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from sessiondoctor.cli import options as o

Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...", help="Access logs, plain or compressed; - for standard input; NAME=FILE.", show_default=False
    ),
]
LogFormat = Annotated[
    str, typer.Option("--log-format", metavar="FORMAT", help="nginx's log_format of these files; else it is guessed.")
]
Cookie = Annotated[str, typer.Option("--cookie", metavar="NAME", help="The session cookie; else it is recognised.")]
Topology = Annotated[
    str | None,
    typer.Option("--topology", "-t", metavar="TOPOLOGY", help="What else is known: a topology file or a URL."),
]


def logs(
    files: Files,
    log_format: LogFormat = "",
    cookie: Cookie = "",
    topology: Topology = None,
    symptom: o.Symptoms = None,
    formats: o.Formats = None,
    output: o.Output = None,
    fail_on: o.FailOnOption = o.FailOn.HIGH,
    pack: o.Packs = None,
    color: o.ColorOption = o.Color.AUTO,
    verbose: o.Verbose = False,
) -> None:
    """Read access logs: how many sessions met more than one node, or came from more than one address.

    Of nginx, HAProxy, Apache httpd, Tomcat, Envoy and Traefik, with the session cookie and the node in each line.
    Session ids are hashed as they are read.

    Exit codes: as of `judge`.
    """
    from sessiondoctor.artefacts.intake import sources
    from sessiondoctor.cli.order import Job, order_of
    from sessiondoctor.cli.output import destinations, write
    from sessiondoctor.pipeline.offline import judge_files

    outputs = destinations(tuple(formats or ()), output)
    job = Job(target=topology, fail_on=fail_on, symptoms=tuple(symptom or ()), packs=tuple(pack or ()))
    order = order_of(job, tuple(files))
    if cookie:
        site = replace(order.topology.site, session_cookie=cookie)
        order = replace(order, topology=replace(order.topology, site=site))
    report = judge_files(order, sources(files, "access-log"), {"access_logs"}, log_format)
    write(report, outputs, color=color, verbose=verbose)
    raise typer.Exit(report.exit_code)
