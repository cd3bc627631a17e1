"""The application: its commands and what becomes of errors."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

import typer

from sessiondoctor.cli import (
    check,
    collect,
    demo,
    diff,
    explain,
    init,
    judge,
    lint,
    listing,
    logs,
    mcp,
    report,
    scan,
    schema,
)
from sessiondoctor.cli.experiments import idle
from sessiondoctor.errors import ExitCode, SessionDoctorError, UsageError, trace_of

app = typer.Typer(
    name="sessiondoctor",
    help="Finds out why users of a clustered web application lose their sessions, carts and CSRF tokens.",
    epilog="Start with `sessiondoctor scan https://your.site/`, or see it work with `sessiondoctor demo`.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
COMMANDS: dict[str, Callable[..., None]] = {
    "scan": scan.scan,
    "judge": judge.judge,
    "lint": lint.lint,
    "check": check.check,
    "collect": collect.collect,
    "list": listing.listing,
    "explain": explain.explain,
    "init": init.init,
    "logs": logs.logs,
    "report": report.report,
    "diff": diff.diff,
    "idle": idle.idle,
    "demo": demo.demo,
    "schema": schema.schema,
    "mcp": mcp.mcp,
}
for _name, _command in COMMANDS.items():
    # The first line of its docstring, whole: typer would cut it in the middle of a sentence.
    app.command(_name, short_help=(_command.__doc__ or "").partition("\n")[0])(_command)


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", "-V", is_eager=True, help="Show the version and exit."),
) -> None:
    """Holds the options of the program itself."""
    if version:
        from sessiondoctor import __version__

        typer.echo(f"sessiondoctor {__version__}")
        raise typer.Exit


def run() -> None:
    """Runs one command; every error of ours is one message and an exit code."""
    try:
        app()
    except UsageError as error:
        _end(str(error), ExitCode.USAGE)
    except SessionDoctorError as error:
        _end(str(error), ExitCode.FAILED)
    except OSError as error:
        # No bug: a file, a folder, a pipe or a disk that does not let us.
        named = f"{error.filename}: " if isinstance(error.filename, str) else ""
        _end(f"{named}{error.strerror or 'the system refuses'}", ExitCode.FAILED)
    except Exception as error:  # noqa: BLE001 - the last resort: a bug of ours has an exit code of its own
        _end(f"{trace_of(error)}\nsessiondoctor failed; this is a bug, please report the lines above", ExitCode.FAILED)


def _end(message: str, code: int) -> NoReturn:
    from sessiondoctor.cli.output import say

    say("".join(f"{line}\n" for line in _marked(message)))
    sys.exit(code)


def _marked(message: str) -> list[str]:
    first, *rest = message.splitlines() or [""]
    return [f"sessiondoctor: {first}", *rest]
