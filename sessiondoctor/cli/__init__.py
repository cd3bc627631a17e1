"""The command line. One module a command; only what a command needs is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line; without a word it shows the help."""
    from sessiondoctor.cli.signals import Stopped, stopping

    sys.argv[1:] = sys.argv[1:] or ["--help"]
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
