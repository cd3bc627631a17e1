"""What goes on, on standard error: for a terminal only, and gone afterwards."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING

from sessiondoctor.cli.shown import progress, reading
from sessiondoctor.probes.contract import Probe

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


class Terminal(io.StringIO):
    """Standard error that somebody looks at."""

    def isatty(self) -> bool:
        """It is a terminal."""
        return True


async def unasked(_context: object) -> None:
    """No probe runs here."""


def probe(describe: str) -> Probe:
    """A probe with these words."""
    return Probe(object, "site", describe, {}, unasked)


def shown(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, *, quiet: bool = False, patience_s: float = 0) -> str:
    """What is written while two probes run and one ends."""
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(progress, "_PATIENCE_S", patience_s)
    first, second = probe("asks the site"), probe("asks the store " + "x" * 200)
    with progress.progress(quiet=quiet) as told:
        told.started(first)
        told.started(second)
        told.finished(first)
    return stream.getvalue()


def test_a_terminal_sees_one_line_that_is_written_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never longer than a line, and nothing is left."""
    lines = shown(monkeypatch, Terminal()).split("\r\x1b[K")
    assert lines[1] == "0 answered, 1 under way: asks the site ..."
    assert lines[-2].startswith("1 answered, 1 under way: asks the store xxx")
    assert max(map(len, lines)) <= 110
    assert lines[-1] == ""
    assert not any("\n" in line for line in lines)


def test_how_far_a_long_question_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stands beside the question."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(progress, "_PATIENCE_S", 0)
    with progress.progress(quiet=False) as told:
        told.noted(probe("a count of the sessions"), "2,000 of 5,000 keys")
        assert isinstance(sys.stderr, Terminal)
        assert sys.stderr.getvalue().endswith(
            "0 answered, 1 under way: a count of the sessions: 2,000 of 5,000 keys ..."
        )


def test_nobody_is_bothered_with_what_is_over_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first second is silent."""
    assert shown(monkeypatch, Terminal(), patience_s=60) in {"", "\r\x1b[K"}


def test_a_log_sees_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a terminal with --quiet."""
    assert shown(monkeypatch, io.StringIO()) == ""
    assert shown(monkeypatch, Terminal(), quiet=True) == ""


def test_how_far_a_file_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Bytes and the rest, of a file that is read as it stands on the disk."""
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr(reading, "_PATIENCE_S", 0)
    monkeypatch.setattr(reading, "_PAUSE_S", 0)
    file = tmp_path / "access.log"
    file.write_bytes(b"x" * 4_000_000)
    with reading.reading(quiet=False) as tell:
        tell(str(file), 1_000_000)
        tell("-", 7_000_000)
    assert isinstance(sys.stderr, Terminal)
    lines = sys.stderr.getvalue().split("\r\x1b[K")
    assert "access.log: 1 MB of 4 MB, " in lines[1]
    assert lines[2:] == ["-: 7 MB read ...", ""]


def test_the_rest_is_told_by_the_pace() -> None:
    """A quarter in two seconds: six are left; of an unknown whole nothing is."""
    assert reading.told(250_000_000, 1_000_000_000, 2) == "250 MB of 1.0 GB, 6 s left"
    assert reading.told(2_500_000_000, 0, 2) == "2.5 GB read"


def test_a_log_sees_nothing_of_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor does a terminal with --quiet."""
    for stream, quiet in ((io.StringIO(), False), (Terminal(), True)):
        monkeypatch.setattr(sys, "stderr", stream)
        with reading.reading(quiet=quiet) as tell:
            tell("access.log", 1)
        assert stream.getvalue() == ""
