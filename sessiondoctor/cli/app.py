"""The application: its commands and what becomes of errors."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn

import typer

from sessiondoctor.cli.help_page import Command
from sessiondoctor.errors import ExitCode, SessionDoctorError, UsageError, trace_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    app: typer.Typer
    """With all commands; made when it is asked for."""

COMMANDS = {
    "scan": "scan",
    "judge": "judge",
    "lint": "lint",
    "check": "check",
    "collect": "collect",
    "list": "listing",
    "explain": "explain",
    "init": "init",
    "logs": "logs",
    "report": "report",
    "diff": "diff",
    "idle": "experiments.idle",
    "watch": "experiments.watch",
    "drill": "experiments.drill",
    "demo": "demo",
    "schema": "schema",
    "mcp": "mcp",
}
"""The module of each; its function has the same name."""


def __getattr__(name: str) -> typer.Typer:
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return application(COMMANDS)


def application(names: Iterable[str]) -> typer.Typer:
    """The command line with these commands: those that are not asked for need not be loaded."""
    made = typer.Typer(
        name="sessiondoctor",
        help="Finds out why users of a clustered web application lose their sessions, carts and CSRF tokens.",
        epilog="Start with `sessiondoctor scan https://your.site/`, or see it work with `sessiondoctor demo`.",
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    made.callback()(root)
    for name in names:
        module = import_module(f"sessiondoctor.cli.{COMMANDS[name]}")
        command = getattr(module, COMMANDS[name].rpartition(".")[2])
        # The first line of its docstring, whole: typer would cut it in the middle of a sentence.
        made.command(name, cls=Command, short_help=(command.__doc__ or "").partition("\n")[0])(command)
    return made


def _version(*, wanted: bool) -> None:
    from sessiondoctor import __version__
    from sessiondoctor.cli.documents.output import show

    if wanted:
        show(f"sessiondoctor {__version__}\n")
        raise typer.Exit


def root(
    version: bool = typer.Option(
        False,
        "--version",
        "-V",
        callback=lambda wanted: _version(wanted=wanted),
        is_eager=True,
        help="Show the version and exit.",
    ),
) -> None:
    """Holds the options of the program itself."""


def run() -> None:
    """Runs one command; every error of ours is one message and an exit code."""
    first = sys.argv[1] if sys.argv[1:] else ""
    try:
        application([first] if first in COMMANDS else COMMANDS)()
    except UsageError as error:
        _end(str(error), ExitCode.USAGE)
    except SessionDoctorError as error:
        _end(str(error), ExitCode.FAILED)
    except OSError as error:
        # No bug: a file, a folder, a pipe or a disk that does not let us.
        named = f"{error.filename}: " if isinstance(error.filename, str) else ""
        _end(f"{named}{error.strerror or 'the system refuses'}", ExitCode.FAILED)
    except Exception as error:  # noqa: BLE001 - the last resort: a bug of ours has an exit code of its own
        from sessiondoctor.cli.signals import stop_behind

        if stop := stop_behind(error):
            raise stop from None
        _end(f"{trace_of(error)}\nsessiondoctor failed; this is a bug, please report the lines above", ExitCode.FAILED)


def _end(message: str, code: int) -> NoReturn:
    from sessiondoctor.cli.documents.output import say

    say("".join(f"{line}\n" for line in _marked(message)))
    sys.exit(code)


def _marked(message: str) -> list[str]:
    first, *rest = message.splitlines() or [""]
    return [f"sessiondoctor: {first}", *rest]
