"""The words FILE... of a command line as sources: files, folders, `NAME=FILE`, `-`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sessiondoctor.artefacts.source import Source
from sessiondoctor.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_FILES = 2000
_MOST_STDIN = 64 * 1024 * 1024
_DEEPEST = 12
_SKIPPED = {".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".terraform", "vendor", ".tox"}


def sources(words: Iterable[str], wanted: str = "") -> tuple[Source, ...]:
    """All files that the words name; `wanted` is the format that `--as` gives to those named themselves.

    Raises:
        UsageError: a word names nothing, or there are too many files.
    """
    found: dict[tuple[str, str], Source] = {}
    for word in words:
        for source in _of(word, wanted):
            found.setdefault((source.owner, source.name), source)
            if len(found) > MOST_FILES:
                raise UsageError(f"{word}: more than {MOST_FILES} files; name fewer, or the folders that matter")
    return tuple(found.values())


def _of(word: str, wanted: str) -> Iterator[Source]:
    if word == "-":
        yield Source("-", "-", content=sys.stdin.buffer.read(_MOST_STDIN), wanted=wanted)
        return
    owner, file = _named(word)
    path = Path(file)
    if path.is_dir():
        for inner in _files(path):
            yield Source(str(inner), owner or str(inner), inner, wanted=wanted)
    elif path.exists():
        yield Source(file, owner or file, path, wanted=wanted)
    else:
        raise UsageError(f"{word}: there is no such file or folder")


def _named(word: str) -> tuple[str, str]:
    """NAME and FILE of `NAME=FILE`; a file that has such a name itself is just a file."""
    name, equals, file = word.partition("=")
    if not equals or Path(word).exists() or "/" in name or not name:
        return "", word
    return name, file


def _files(folder: Path, depth: int = 0) -> Iterator[Path]:
    """Regular files below a folder in the order of their names; no links to folders, no folders of tools."""
    if depth > _DEEPEST:
        return
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be read: {(error.strerror or 'no reason given').lower()}") from None
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in _SKIPPED:
                yield from _files(Path(entry.path), depth + 1)
        elif entry.is_file():
            yield Path(entry.path)
