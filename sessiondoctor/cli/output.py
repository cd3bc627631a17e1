"""Where reports go: standard output and files, each in its format."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.cli.options import Color
from sessiondoctor.errors import UsageError
from sessiondoctor.report import FORMATS, SUFFIXES, Style, render

if TYPE_CHECKING:
    from sessiondoctor.model import Report

_NARROWEST = 40
_PIPED = 100  # columns where nobody looks through a terminal


@dataclass(frozen=True, slots=True)
class Destination:
    """One document: its format, and its file or None for standard output."""

    format: str
    file: Path | None


def destinations(formats: tuple[str, ...], output: Path | None) -> tuple[Destination, ...]:
    """Reads `-f FORMAT`, `-f FORMAT=FILE` and `-o FILE`; the text report on standard output without any.

    Raises:
        UsageError: an unknown format, or two documents for standard output.
    """
    bare = [word for word in formats if "=" not in word]
    filed = [
        Destination(_format(name), Path(file)) for name, _, file in (w.partition("=") for w in formats if "=" in w)
    ]
    if output:
        name = bare.pop(0) if bare else _by_suffix(output)
        filed.append(Destination(_format(name), output))
    if len(bare) > 1:
        raise UsageError(f"-f {' -f '.join(bare)}: only one document fits on standard output; write -f {bare[1]}=FILE")
    shown = [Destination(_format(word), None) for word in bare]
    return tuple(shown + filed) or (Destination("text", None),)


def write(report: Report, outputs: tuple[Destination, ...], *, color: Color, verbose: bool) -> None:
    """Writes each document; a file is replaced whole or not at all."""
    for output in outputs:
        text = render(report, output.format, style(color, verbose=verbose, file=output.file))
        if output.file:
            _replace(output.file, text)
        else:
            sys.stdout.write(text)
            sys.stdout.flush()


def style(color: Color, *, verbose: bool, file: Path | None = None) -> Style:
    """Width and colour: the flag, then NO_COLOR, then FORCE_COLOR, then whether a terminal is looking."""
    terminal = file is None and sys.stdout.isatty()
    width = max(_NARROWEST, shutil.get_terminal_size((_PIPED, 24)).columns) if terminal else _columns()
    return Style(width=width, color=_colored(color, terminal=terminal), verbose=verbose)


def _columns() -> int:
    told = os.environ.get("COLUMNS", "")
    return max(_NARROWEST, int(told)) if told.isascii() and told.isdigit() else _PIPED


def _colored(color: Color, *, terminal: bool) -> bool:
    if color is not Color.AUTO:
        return color is Color.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (terminal and os.environ.get("TERM") != "dumb")


def _format(name: str) -> str:
    if name not in FORMATS:
        from sessiondoctor.catalogue import did_you_mean

        raise UsageError(f"-f {name}: expected one of {', '.join(FORMATS)}{did_you_mean(name, FORMATS)}")
    return name


def _by_suffix(file: Path) -> str:
    if file.suffix not in SUFFIXES:
        raise UsageError(f"-o {file}: cannot tell the format from {file.suffix or 'a name without suffix'!r}; add -f")
    return SUFFIXES[file.suffix]


def _replace(file: Path, text: str) -> None:
    """A reader, or a crash, never sees half a report."""
    import tempfile

    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(name, file)  # noqa: PTH105 - atomic, by name
    except OSError as error:
        raise UsageError(f"{file}: cannot write the report: {error.strerror}") from error
