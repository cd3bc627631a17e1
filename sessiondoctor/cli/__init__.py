"""The command line. One module a command; only what a command needs is imported."""

from __future__ import annotations

import os
import sys

HELP = os.path.join(os.path.dirname(__file__), "help.txt")  # noqa: PTH118, PTH120 - pathlib costs a third of `--version`


def main() -> None:
    """Runs the command line; `--version` and `--help` alone cost no more than starting Python."""
    words = sys.argv[1:]
    if words in (["--version"], ["-V"]):
        from sessiondoctor import __version__

        _show(f"sessiondoctor {__version__}\n")
    elif words in ([], ["--help"], ["-h"]) and "_SESSIONDOCTOR_COMPLETE" not in os.environ:  # a shell completes words
        with open(HELP, encoding="utf-8") as text:  # noqa: PTH123 - likewise
            _show(text.read())
    else:
        _run()


def _show(text: str) -> None:
    if sys.stdout is None:
        sys.exit(4)  # ExitCode.FAILED
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
        sys.exit(0 if isinstance(error, BrokenPipeError) else 4)


def _run() -> None:
    from sessiondoctor.cli.signals import Stopped, stopping

    try:
        with stopping():
            import gc

            gc.set_threshold(500_000)  # loading makes objects, not garbage: looking for it takes a tenth of a run
            from sessiondoctor.cli.app import run

            run()
    except (KeyboardInterrupt, Stopped) as stop:
        if sys.stderr is not None:
            sys.stderr.write("sessiondoctor: interrupted\n")
        sys.exit(getattr(stop, "code", 130))  # ExitCode.INTERRUPTED, which may not be loaded yet
