"""`sessiondoctor mcp`: the Model Context Protocol on standard input and output, for assistants."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sessiondoctor.cli import options as o


@o.takes("requests", "rate", "timeout_s", "deadline_s", "allow")
def mcp(
    job: o.Job,
    hosts: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="HOST", help="Scan only this host; repeatable; default: any host."),
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="DIR", help="Whose files may be read; default: the current folder.")
    ] = Path(),
) -> None:
    """Serve an assistant by the Model Context Protocol (stdio): scan, judge, explain, list.

    What may be scanned and read, and how much a scan may do, is said here; no request of the assistant can widen it.
    """
    try:
        import mcp.server.mcpserver  # noqa: F401 - an extra
    except ImportError as error:
        from sessiondoctor.errors import UsageError

        raise UsageError(f"this needs {error.name}: pip install 'sessiondoctor[mcp]'") from error
    import asyncio

    from sessiondoctor.context import Options
    from sessiondoctor.mcp_server import Consent, server

    options = Options(job.requests, job.rate, job.timeout_s, job.deadline_s, job.allow.value)
    asyncio.run(server(Consent(options, tuple(hosts or ()), folder)).run_stdio_async())
