"""Counts sessions and nodes over the lines of an access log, in one pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

from sessiondoctor.logs.access.engines import duck
from sessiondoctor.logs.access.formats import AccessFormat
from sessiondoctor.logs.access.meetings import Meetings, Tally
from sessiondoctor.logs.access.moments import Moments
from sessiondoctor.logs.access.passed import Passed
from sessiondoctor.logs.access.request import NOBODY, ROUTE
from sessiondoctor.logs.access.summary import summary
from sessiondoctor.logs.access.text import TextFormat
from sessiondoctor.logs.access.totals import Totals

if TYPE_CHECKING:
    from sessiondoctor.evidence.access_logs import AccessLog

_LONGEST = 1 << 20  # bytes of a line
_LARGE = 64 << 20  # bytes; below it one thread of our own is as quick, and takes less memory
DENIED = frozenset({b"401", b"403", b"419", b"440"})  # log in again; 419 is Laravel's, 440 that of IIS


@dataclass(slots=True)
class _Count:
    """A log under way. No session id is kept, but a hash of it."""

    format: AccessFormat
    read: int = 0
    meetings: Meetings = field(default_factory=Meetings)
    moments: Moments = field(default_factory=Moments)
    passed: Passed = field(default_factory=Passed)

    def take(self, block: bytes) -> None:
        """Whole lines."""
        by_route = not self.format.names_nodes
        seconds, note, node_of = self.moments.seconds, self.meetings.note, self.passed.node_of
        passed: list[tuple[bytes, int, bytes, bytes]] = []
        for session, named, client, time, path, status in self.format.requests(block):
            second = seconds(time)
            found = ROUTE.search(session) if b"." in session else None
            route = found["node"] if found else b""
            answered = route if by_route else named
            passed.append((answered, second // 60, path, status))
            if session not in NOBODY:
                node, several = node_of(answered)
                key = hash(session[: found.start()] if found else session)
                meeting = note(key, node, second, b"" if client == b"-" else client, route)
                if several:
                    meeting.retried = True
                if status in DENIED:
                    meeting.denied += 1
        self.read += len(passed)
        self.passed.take(Counter(passed))

    def totals(self) -> Totals:
        """What it came to."""
        tally = Tally()
        for _, meetings in self.meetings.sessions():
            tally.take(meetings)
        return Totals(tally.sessions(), self.passed.traffic(), tally.moves, tally.births)


@dataclass(slots=True)
class _Source:
    """The pieces of a log as they pass by. `cut`: why they ended before the end."""

    pieces: Iterable[bytes]
    tell: Callable[[int], None] | None
    size: int = 0
    lines: int = 0
    cut: str = ""

    def __iter__(self) -> Iterator[bytes]:
        last = b"\n"
        try:
            for piece in self.pieces:
                if piece:
                    self.size += len(piece)
                    self.lines += piece.count(b"\n")
                    last = piece[-1:]
                    yield piece
                if self.tell:
                    self.tell(self.size)
        except EOFError as error:
            self.cut = str(error)
        self.lines += last != b"\n"


def count(
    pieces: Iterable[bytes],
    form: AccessFormat,
    log: AccessLog,
    tell: Callable[[int], None] | None = None,
    engine: str = "",
) -> AccessLog:
    """The log with its counts; an `EOFError` of the pieces ends it, and is told in `cut`.

    `engine` is `duckdb` or `own`; by itself DuckDB counts what is larger than `_LARGE`, if it is installed.
    """
    source = _Source(pieces, tell)
    content = shortened(source)
    begin = list(_first(content, _LARGE)) if not engine else []
    large = engine == "duckdb" or sum(map(len, begin)) >= _LARGE
    totals, fitting = (_by_duckdb if large and duck.can(form) else _by_lines)(chain(begin, content), form)
    return replace(
        summary(totals, log),
        size=source.size,
        cut=source.cut,
        format=form.name,
        cookie=form.cookie,
        lines=source.lines,
        unread=source.lines - fitting,
    )


def shortened(pieces: Iterable[bytes], most: int = _LONGEST // 4) -> Iterator[bytes]:
    """The pieces without what goes on beyond `most` bytes of a line that began in an earlier one: it is no request."""
    length = 0
    for piece in pieces:
        end = piece.find(b"\n")
        end = end if end >= 0 else len(piece)
        yield piece if length + end <= most else piece[end:]
        length = len(piece) - piece.rfind(b"\n") - 1 if end < len(piece) else length + len(piece)


def _first(content: Iterator[bytes], size: int) -> Iterator[bytes]:
    for piece in content:
        yield piece
        size -= len(piece)
        if size <= 0:
            return


def _by_duckdb(pieces: Iterable[bytes], form: AccessFormat) -> tuple[Totals, int]:
    assert isinstance(form, TextFormat)
    return duck.count(pieces, form)


def _by_lines(pieces: Iterable[bytes], form: AccessFormat) -> tuple[Totals, int]:
    counting, carry = _Count(form), b""
    for piece in pieces:
        block = carry + piece
        end = block.rfind(b"\n") + 1 or (len(block) if len(block) > _LONGEST else 0)
        if end:
            counting.take(block[:end])
        carry = block[end:]
    if carry:
        counting.take(carry)
    return counting.totals(), counting.read
