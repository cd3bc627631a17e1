"""`sessiondoctor logs`: access logs, which sessions met which nodes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from sessiondoctor.cli import options as o
from sessiondoctor.errors import UsageError

if TYPE_CHECKING:
    from sessiondoctor.logs.access.engines.table import RequestTable

Files = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="FILE...", help="Access logs, plain or compressed; - for standard input; NAME=FILE.", show_default=False
    ),
]
LogFormat = Annotated[
    str, typer.Option("--log-format", metavar="FORMAT", help="As in the configuration; else it is guessed.")
]
Cookie = Annotated[str, typer.Option("--cookie", metavar="NAME", help="The session cookie; else it is recognised.")]


Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="ENGINE",
        help="own, duckdb, or the URL of a table: spark, clickhouse, trino, duckdb; else by the files' size.",
    ),
]
Columns = Annotated[
    str,
    typer.Option(
        "--columns",
        metavar="NAME=SQL[,NAME=SQL]",
        help="The table's session, node, client, time, path, status; - for none.",
    ),
]


@o.takes("fail_on", "symptoms", "packs", "quiet", *o.SHOWN)
def logs(
    job: o.Job,
    files: Files = None,
    log_format: LogFormat = "",
    cookie: Cookie = "",
    engine: Engine = "",
    columns: Columns = "",
    topology: o.Topology = None,
) -> None:
    """Read access logs: how many sessions met more than one node, or came from more than one address.

    Of nginx, HAProxy, Apache httpd, Tomcat, Envoy, Traefik, Caddy, AWS, CloudFront and IIS, with session cookie and
    node in each line. Session ids are hashed as they are read. Large files are counted by DuckDB, if it is installed.
    A table of requests in Spark, ClickHouse or Trino is asked where it is: --engine trino://HOST/catalog/schema/table.

    Exit codes: as of `judge`.
    """
    from sessiondoctor.artefacts.intake import sources
    from sessiondoctor.artefacts.media import AccessLogs
    from sessiondoctor.cli.in_hand import report_on
    from sessiondoctor.cli.order import order_of
    from sessiondoctor.cli.shown.reading import reading

    words = tuple(files or ())
    table = _table(engine, columns)
    if not words and table is None:
        raise UsageError("logs: name FILE..., or a table by --engine URL")
    order = order_of(replace(job, target=topology), words or ((table.shown,) if table else ()))
    if cookie:
        site = replace(order.topology.site, session_cookie=cookie)
        order = replace(order, topology=replace(order.topology, site=site))
    with reading(quiet=job.quiet) as tell:
        access = AccessLogs(log_format, "" if table else engine, table, tell)
        code = report_on(job, order, sources(words, "access-log"), ("access_logs",), access)
    raise typer.Exit(code)


def _table(engine: str, columns: str) -> RequestTable | None:
    """The user's own table, if the engine is no word of ours."""
    if engine in {"", "own", "duckdb"}:
        if columns:
            raise UsageError("--columns: it is about a table, which --engine URL names")
        return None
    import os

    from sessiondoctor.logs.access.engines.table import table_of

    return table_of(engine, columns, os.environ)
