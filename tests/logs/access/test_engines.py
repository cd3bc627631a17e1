"""Every engine counts the same of the same lines."""

from __future__ import annotations

import random
import resource
from itertools import repeat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.logs.access import counting
from sessiondoctor.logs.access.counting import count, shortened
from sessiondoctor.logs.access.engines import duck
from sessiondoctor.logs.access.formats import AccessFormat, guess
from tests.logs.access.traffic import Asked, log_of, traffic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.logs.access.text import TextFormat
    from sessiondoctor.logs.access.totals import Totals

LOG = AccessLog("edge", "access.log")


def counted(content: bytes, engine: str, piece: int = 1 << 16) -> AccessLog:
    """By this engine."""
    return count(
        (content[at : at + piece] for at in range(0, len(content), piece)), form_of(content), LOG, engine=engine
    )


def form_of(content: bytes) -> AccessFormat:
    """The format, which DuckDB can read."""
    form = guess(content.splitlines()[:2])
    assert form
    assert duck.can(form)
    return form


@settings(max_examples=40, deadline=None)
@given(traffic)
def test_duckdb_counts_as_we_do(asked: list[Asked]) -> None:
    """Line by line, whatever they say."""
    content = log_of(asked)
    own = counted(content, "own")
    assert own == counted(content, "duckdb")
    assert own.lines == len(asked) + 3
    assert own.unread == 1


@settings(max_examples=60, deadline=None)
@given(traffic)
def test_the_order_of_lines_changes_nothing(asked: list[Asked]) -> None:
    """Logs of several workers are not quite in order, and several engines read in parallel."""
    mixed = random.Random(7).sample(asked, len(asked))
    assert counted(log_of(asked), "own") == counted(log_of(mixed), "own", piece=100)


def test_duckdb_counts_what_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """And only that; both are told when the source ends too early."""
    content = log_of([Asked("CCCCCCCC", "10.0.0.3:80", "192.0.2.9", second, "/", 200) for second in range(500)])
    used: list[int] = []
    by_duckdb = duck.count

    def noted(pieces: Iterable[bytes], form: TextFormat) -> tuple[Totals, int]:
        used.append(1)
        return by_duckdb(pieces, form)

    monkeypatch.setattr(duck, "count", noted)

    def source() -> Iterator[bytes]:
        yield content
        raise EOFError("the compressed file ends too early")

    small = count(source(), form_of(content), LOG)
    monkeypatch.setattr(counting, "_LARGE", 1000)
    assert used == []
    assert count(source(), form_of(content), LOG) == small
    assert used == [1]
    assert (small.cut, small.lines, small.nodes["10.0.0.3:80"]) == ("the compressed file ends too early", 503, 500)


def test_duckdb_that_fails_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its error comes through, although nobody reads the pipe."""
    monkeypatch.setattr(duck, "_requests", lambda *_: "requests AS (SELECT nonsense)")
    with pytest.raises(Unavailable, match="DuckDB could not count"):
        counted(log_of([]) * 10_000, "duckdb")


def test_a_line_without_an_end_is_not_kept() -> None:
    """What of it has come in earlier pieces is all there is of it; lines before and after it are whole."""
    pieces = [b"a\nbb", b"bb", b"bb", b"b\nc\nd", b"d\n", b"", b"eeeeeeeee\nf"]
    assert list(shortened(pieces, 4)) == [b"a\nbb", b"bb", b"", b"\nc\nd", b"d\n", b"", b"\nf"]
    assert list(shortened(pieces, 100)) == pieces


@pytest.mark.parametrize("engine", ["own", "duckdb"])
def test_a_line_of_a_gigabyte_takes_little(engine: str) -> None:
    """The lines around it are counted; the memory stays what it was."""
    line = (
        b'10.0.0.7 - - [30/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "x" "sid=0123456789abcdef" 10.0.1.1:80\n'
    )
    whole = line * 10
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    form = guess(whole.splitlines())
    assert form
    pieces = (whole, *repeat(bytes(1 << 20), 1000), b"\n", whole)
    found = count(iter(pieces), form, AccessLog("edge", "access.log"), engine=engine)
    assert (found.lines, found.unread) == (21, 1)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # KiB
