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

        sys.stdout.write(f"sessiondoctor {__version__}\n")
    elif words in ([], ["--help"], ["-h"]):
        with open(HELP, encoding="utf-8") as text:  # noqa: PTH123 - likewise
            sys.stdout.write(text.read())
    else:
        _run()


def _run() -> None:
    try:
        import gc

        gc.set_threshold(100_000)  # loading makes objects, not garbage: looking for it takes a twentieth of a run
        from sessiondoctor.cli.app import run

        run()
    except KeyboardInterrupt:
        sys.stderr.write("sessiondoctor: interrupted\n")
        sys.exit(130)  # ExitCode.INTERRUPTED, which may not be loaded yet
