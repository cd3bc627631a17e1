"""Writes the manual page from the command line itself: `python man/page.py > man/sessiondoctor.1`."""

# ruff: noqa: INP001 - a script
from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from typer.main import get_command

from sessiondoctor import __version__
from sessiondoctor.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

_CODES = (
    ("0", "nothing found at or above --fail-on"),
    ("1", "a fault"),
    ("2", "a mistake on the command line or in a file"),
    ("3", "something could not be looked at"),
    ("4", "sessiondoctor itself failed"),
    ("130", "interrupted; the partial report is written"),
)


def page() -> Iterator[str]:
    """The page, line by line, in man(7)."""
    root = get_command(app)
    yield f'.TH SESSIONDOCTOR 1 "" "sessiondoctor {__version__}" "User Commands"'
    yield ".SH NAME\nsessiondoctor \\- finds out why users of a clustered web application lose their sessions"
    yield ".SH SYNOPSIS\n.B sessiondoctor\n.I COMMAND\n[\\fIOPTIONS\\fR] [\\fIARGUMENTS\\fR]"
    yield ".SH DESCRIPTION\n" + _text(root.help or "")
    yield ".SH COMMANDS"
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        yield f".SS {_text(name)}"
        yield from (f".PP\n{_text(' '.join(part.split()))}" for part in (command.help or "").split("\n\n"))
        for one in command.params:
            record = getattr(one, "help", None)
            if record:
                words = ", ".join(one.opts) if one.param_type_name == "option" else one.human_readable_name
                yield f".TP\n.B {_text(words)}\n{_text(record)}"
    yield ".SH EXIT STATUS"
    yield from (f".TP\n.B {code}\n{_text(meaning)}" for code, meaning in _CODES)
    yield ".SH FILES\n.TP\n.I sessiondoctor.yaml\nThe topology file that scan reads without a target."
    yield ".SH SEE ALSO\nhttps://sessiondoctor.readthedocs.io/"


def _text(text: str) -> str:
    """Text in which nothing is a request or an escape."""
    shown = re.sub(r"[\\]", r"\\e", text).replace("-", "\\-").replace("`", "")
    return re.sub(r"(?m)^([.'])", r"\\&\1", shown)


if __name__ == "__main__":
    sys.stdout.write("\n".join(page()) + "\n")
