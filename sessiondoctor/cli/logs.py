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


@o.takes("fail_on", "symptoms", "packs", *o.SHOWN)
def logs(
    job: o.Job, files: Files, log_format: LogFormat = "", cookie: Cookie = "", topology: o.Topology = None
) -> None:
    """Read access logs: how many sessions met more than one node, or came from more than one address.

    Of nginx, HAProxy, Apache httpd, Tomcat, Envoy and Traefik, with the session cookie and the node in each line.
    Session ids are hashed as they are read.

    Exit codes: as of `judge`.
    """
    from sessiondoctor.artefacts.intake import sources
    from sessiondoctor.cli.in_hand import report_on
    from sessiondoctor.cli.order import order_of

    order = order_of(replace(job, target=topology), tuple(files))
    if cookie:
        site = replace(order.topology.site, session_cookie=cookie)
        order = replace(order, topology=replace(order.topology, site=site))
    raise typer.Exit(report_on(job, order, sources(files, "access-log"), ("access_logs",), log_format))
