"""Where reports go: standard output and files, each in its format."""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import replace as replace_in
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from sessiondoctor.cli.documents.files import replace, writable
from sessiondoctor.cli.options import Color
from sessiondoctor.errors import OutputError, UsageError
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
    named = (word.partition("=") for word in formats if "=" in word)
    filed = [Destination(_format(name), writable(Path(file))) for name, _, file in named]
    if output:
        filed.append(Destination(_format(_taken(bare, output)), writable(output)))
    if len(bare) > 1:
        raise UsageError(f"-f {' -f '.join(bare)}: only one document fits on standard output; write -f {bare[1]}=FILE")
    if len({one.file for one in filed}) < len(filed):
        raise UsageError(f"{filed[-1].file}: only one document fits in a file")
    shown = [Destination(_format(word), None) for word in bare]
    return tuple(shown + filed) or (Destination("text", None),)


def write(
    report: Report, outputs: tuple[Destination, ...], *, color: Color, verbose: bool, packs: tuple[Path, ...] = ()
) -> None:
    """Writes each document; a file is replaced whole or not at all. One that fails does not keep the others back.

    Raises:
        OutputError: at the end, for those that could not be written.
    """
    troubles: list[str] = []
    for output in outputs:
        try:
            shown = replace_in(style(color, verbose=verbose, file=output.file), packs=packs)
            text = render(report, output.format, shown)
            if output.file:
                replace(output.file, text.encode("utf-8", "backslashreplace"))
            else:
                show(text)
        except OutputError as trouble:
            troubles.append(str(trouble))
    if troubles:
        raise OutputError("\n".join(troubles))


def show(text: str) -> None:
    """Writes to standard output; a letter it cannot show, or a reader that has gone (`| head`), is no failure.

    Raises:
        OutputError: it is closed, or takes no more.
    """
    if sys.stdout is None:
        raise OutputError("cannot write to standard output: it is closed")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
    except (OSError, ValueError) as error:
        _silence(sys.stdout)
        raise OutputError(f"cannot write to standard output: {getattr(error, 'strerror', None) or error}") from error


def say(text: str) -> None:
    """Writes to standard error, if somebody listens there: what it says is never worth a failure."""
    if sys.stderr is None:
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        _silence(sys.stderr)


def _silence(stream: TextIO) -> None:
    """Python flushes once more at its end, and would exit with a code of its own."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def style(color: Color, *, verbose: bool, file: Path | None = None) -> Style:
    """Width and colour: the flag, then NO_COLOR, then FORCE_COLOR, then whether a terminal is looking."""
    terminal = file is None and sys.stdout.isatty()
    width = max(_NARROWEST, shutil.get_terminal_size((_PIPED, 24)).columns) if terminal else _columns()
    colored = color is Color.ALWAYS or (color is Color.AUTO and file is None and _wanted(terminal=terminal))
    return Style(width=width, color=colored, verbose=verbose)


def _columns() -> int:
    told = os.environ.get("COLUMNS", "")
    return max(_NARROWEST, int(told)) if re.fullmatch("[0-9]{1,4}", told) else _PIPED


def _wanted(*, terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (terminal and os.environ.get("TERM") != "dumb")


def _taken(bare: list[str], output: Path) -> str:
    """The format for `-o`: the one given by `-f` that its suffix stands for, else the first given, else its suffix."""
    wanted = SUFFIXES.get(output.suffix, "")
    if wanted in bare or not bare:
        bare[:] = (word for word in bare if word != wanted)
        return wanted or _by_suffix(output)
    return bare.pop(0)


def _format(name: str) -> str:
    if name not in FORMATS:
        from sessiondoctor.catalogue.loader import did_you_mean

        raise UsageError(f"-f {name}: expected one of {', '.join(FORMATS)}{did_you_mean(name, FORMATS)}")
    return name


def _by_suffix(file: Path) -> str:
    if file.suffix not in SUFFIXES:
        raise UsageError(f"-o {file}: cannot tell the format from {file.suffix or 'a name without suffix'!r}; add -f")
    return SUFFIXES[file.suffix]
