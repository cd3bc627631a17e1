"""The command line. One module a command; only what a command needs is imported."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line; `--version` alone costs no more than starting Python."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from sessiondoctor import __version__

        sys.stdout.write(f"sessiondoctor {__version__}\n")
        return
    from sessiondoctor.cli.app import run

    run()
