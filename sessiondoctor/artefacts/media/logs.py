"""Logs: what `sessiondoctor.logs` reads, in any size, plain or compressed."""

from __future__ import annotations

import io
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import takewhile
from typing import TYPE_CHECKING

from sessiondoctor.artefacts.media import Format, Match
from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.gathered import Piece
from sessiondoctor.evidence.logs import Log
from sessiondoctor.logs.finder import Finder
from sessiondoctor.logs.known import known_lines
from sessiondoctor.logs.line import read_line
from sessiondoctor.logs.source import opened, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sessiondoctor.artefacts.media import Given
    from sessiondoctor.artefacts.source import Source

EVIDENCE = (Log,)
FORMATS = (Format("log", "Log of an application, a container, a balancer or a store"),)
_NAMES = (".log", ".err", ".out", ".log.gz", ".log.zst", ".gz", ".zst")
_LINES = 200
_HEAD = 64 << 10
_DATED, _NAMED, _KNOWN = 60, 45, 75
_MOST_OF_LINES = 0.3  # of a log's lines have a date: stack traces have none


def recognise(source: Source) -> Match | None:
    """By its dates, by a line that is known, by its name."""
    head = head_of(source)
    lines = [line for line in head.splitlines()[:_LINES] if line.strip()]
    if not lines or "\0" in head:
        return None
    if any(True for _ in known_lines().found(head.encode())):
        return Match(source, "log", _KNOWN)
    dated = sum(read_line(line, _now()).at is not None for line in lines)
    if dated > len(lines) * _MOST_OF_LINES:
        return Match(source, "log", _DATED)
    return Match(source, "log", _NAMED) if source.name.lower().endswith(_NAMES) else None


def gather(matched: Sequence[Match], given: Given) -> Iterator[Piece]:
    """One `Log` for each source."""
    finder = Finder(tuple(given.catalogue.signatures.values())) if matched else None
    for match in takewhile(lambda _: not given.stopped(), matched):
        if finder:
            yield log_of(match.source, finder, given)


def log_of(source: Source, finder: Finder, given: Given) -> Piece:
    """What one source shows; unavailable, with the reason, if it cannot be read."""
    name, named = name_of(source), source.owner not in {"", source.name}
    log = Log(source.owner if named else name, name, named)
    try:
        with content_of(source) as whole:
            content = takewhile(lambda _: not given.stopped(), whole)
            return Piece(Log, log.subject, finder.read(content, log, given.redactor, _year(source)))
    except Unavailable as trouble:
        return Piece(Log, log.subject, unavailable=trouble.reason, hint=trouble.hint)


def name_of(source: Source) -> str:
    """What a person calls it."""
    return "standard input" if source.name == "-" else source.name


@contextmanager
def content_of(source: Source) -> Iterator[Iterator[bytes]]:
    """Its bytes in pieces, decompressed."""
    if source.path is None:
        yield pieces(io.BytesIO(source.content))
        return
    with opened(source.path) as content:
        yield content


def head_of(source: Source) -> str:
    """Its beginning, decompressed; empty where it cannot be read."""
    if source.head:
        return source.head
    try:
        with content_of(source) as content:
            return next(content, b"")[:_HEAD].decode("utf-8", "replace")
    except (Unavailable, EOFError):
        return ""


def _year(source: Source) -> int:
    """When the file was last written: the year of dates that have none."""
    if source.path is None:
        return _now()
    return datetime.fromtimestamp(source.path.stat().st_mtime, UTC).year


def _now() -> int:
    return datetime.now(UTC).year
