"""Where documents go, and how they look there."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.cli.documents.output import Destination, destinations, show, style, write
from sessiondoctor.cli.options import Color
from sessiondoctor.errors import OutputError, UsageError
from sessiondoctor.report import FORMATS, SUFFIXES, Style, render
from tests.fakes.reports import a_diagnosis, a_report

if TYPE_CHECKING:
    from collections.abc import Callable

    Cli = Callable[..., Any]

REPORT = a_report(diagnosis=(a_diagnosis("clock-skew", title="The clocks differ ± by hours"),), exit_code=1)
TEXT = Destination("text", None)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A JSON report."""
    file = tmp_path / "old.json"
    file.write_text(render(REPORT, "json", Style()), encoding="utf-8")
    return file


class Terminal(io.StringIO):
    """Standard output that somebody looks at."""

    def isatty(self) -> bool:
        """It is a terminal."""
        return True


# Which document goes where.


def test_without_words_the_text_report_is_shown() -> None:
    """On standard output."""
    assert destinations((), None) == (TEXT,)


def test_one_format_is_shown_and_the_others_are_written(tmp_path: Path) -> None:
    """`-f FORMAT` and `-f FORMAT=FILE`; a file's name may hold `=`."""
    found = destinations(("json", f"html={tmp_path}/a=b.html", f"junit={tmp_path}/c"), None)
    expected = [Destination("html", tmp_path / "a=b.html"), Destination("junit", tmp_path / "c")]
    assert found == (Destination("json", None), *expected)


@pytest.mark.parametrize(("suffix", "name"), SUFFIXES.items())
def test_the_suffix_says_the_format(tmp_path: Path, suffix: str, name: str) -> None:
    """Then nothing is shown."""
    assert destinations((), tmp_path / f"report{suffix}") == (Destination(name, tmp_path / f"report{suffix}"),)


def test_every_format_but_annotations_has_a_suffix() -> None:
    """Annotations are for the log of a run, messages for a chat."""
    assert set(SUFFIXES.values()) == set(FORMATS) - {"github", "slack"}


@pytest.mark.parametrize(
    ("formats", "name", "expected"),
    [
        (("json",), "x.md", [("json", "x.md")]),
        (("json",), "x", [("json", "x")]),
        (("json",), "x.json", [("json", "x.json")]),
        (("json", "html"), "x.html", [("json", None), ("html", "x.html")]),
        (("html", "json"), "x.html", [("json", None), ("html", "x.html")]),
        (("json", "html"), "x", [("html", None), ("json", "x")]),
    ],
)
def test_a_format_and_a_file(
    tmp_path: Path, formats: tuple[str, ...], name: str, expected: list[tuple[str, str | None]]
) -> None:
    """`-o` takes the format of its suffix if that was asked for, else the first."""
    found = destinations(formats, tmp_path / name)
    assert [(one.format, one.file and one.file.name) for one in found] == expected


def test_two_documents_do_not_fit_on_standard_output() -> None:
    """Nobody could take them apart."""
    with pytest.raises(UsageError, match="only one document"):
        destinations(("json", "text"), None)


# Files.


@pytest.mark.parametrize("name", FORMATS)
def test_a_document_is_written_as_it_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """UTF-8; the same in a file as on standard output."""
    monkeypatch.delenv("COLUMNS", raising=False)
    write(REPORT, (Destination(name, tmp_path / "r"),), color=Color.AUTO, verbose=False)
    assert (tmp_path / "r").read_text(encoding="utf-8") == render(REPORT, name, Style())


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    """Nothing of the old one, nothing beside it, as readable as it was; a new one is for its owner alone."""
    file = tmp_path / "r.json"
    file.write_text("x" * 100_000)
    file.chmod(0o640)
    write(REPORT, (Destination("json", file),), color=Color.AUTO, verbose=False)
    assert json.loads(file.read_text())["exit_code"] == 1
    assert list(tmp_path.iterdir()) == [file]
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    write(REPORT, (Destination("json", tmp_path / "new"),), color=Color.AUTO, verbose=False)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


def test_a_crash_leaves_the_old_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing beside it."""

    def full(_file: int) -> None:
        raise OSError(28, "No space left on device")

    file = tmp_path / "r.json"
    file.write_text("old")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match=r"r\.json: cannot write the report: No space left on device"):
        write(REPORT, (Destination("json", file),), color=Color.AUTO, verbose=False)
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file that it leads to is replaced."""
    (tmp_path / "target").mkdir()
    link, real = tmp_path / "r.json", tmp_path / "target" / "real.json"
    link.symlink_to(real)
    write(REPORT, (Destination("json", link),), color=Color.AUTO, verbose=False)
    assert link.is_symlink()
    assert json.loads(real.read_text())["exit_code"] == 1


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """Not replaced: nor is /dev/null, nor /dev/stdout."""
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    write(REPORT, (Destination("json", pipe),), color=Color.AUTO, verbose=False)
    reader.join(5)
    assert json.loads(read[0])["exit_code"] == 1
    assert stat.S_ISFIFO(pipe.stat().st_mode)


# Colour and width.


@pytest.mark.parametrize(
    ("flag", "environ", "terminal", "expected"),
    [
        (Color.AUTO, {}, True, True),
        (Color.AUTO, {}, False, False),
        (Color.AUTO, {"TERM": "dumb"}, True, False),
        (Color.AUTO, {"NO_COLOR": "1"}, True, False),
        (Color.AUTO, {"NO_COLOR": ""}, True, True),
        (Color.AUTO, {"FORCE_COLOR": "1"}, False, True),
        (Color.AUTO, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        (Color.ALWAYS, {"NO_COLOR": "1"}, False, True),
        (Color.NEVER, {"FORCE_COLOR": "1"}, True, False),
    ],
)
def test_colour(
    monkeypatch: pytest.MonkeyPatch, flag: Color, environ: dict[str, str], *, terminal: bool, expected: bool
) -> None:
    """The flag, then NO_COLOR (if not empty: no-color.org), then FORCE_COLOR, then who looks."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in ({"TERM": "xterm"} | environ).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Terminal() if terminal else io.StringIO())
    assert style(flag, verbose=False).color is expected


def test_files_are_coloured_only_by_the_flag(monkeypatch: pytest.MonkeyPatch) -> None:
    """FORCE_COLOR of a pipeline is about its log."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert not style(Color.AUTO, verbose=False, file=Path("r.txt")).color
    assert style(Color.ALWAYS, verbose=False, file=Path("r.txt")).color


@pytest.mark.parametrize(("columns", "width"), [("", 100), ("120", 120), ("3", 40), ("x", 100), ("9" * 5000, 100)])
def test_width(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    """COLUMNS, where it makes sense."""
    monkeypatch.setenv("COLUMNS", columns)
    assert style(Color.AUTO, verbose=False).width == width


def test_colour_reaches_the_report(cli: Cli, old: Path) -> None:
    """And no escape sequence does without it."""
    assert "\x1b[" in cli("report", old, "--color", "always").out
    assert "\x1b[" not in cli("report", old).out


# Standard output.


@pytest.mark.parametrize("name", FORMATS)
def test_a_report_is_converted(cli: Cli, old: Path, name: str) -> None:
    """The document on standard output, nothing else anywhere, exit code 0."""
    ended = cli("report", old, "-f", name)
    assert (ended.code, ended.err) == (0, "")
    assert "clock-skew" in ended.out


def test_json_comes_back_as_it_was(cli: Cli, old: Path) -> None:
    """Reading and writing lose nothing."""
    assert cli("report", old, "-f", "json").out == old.read_text()


def test_a_report_is_converted_into_files(cli: Cli, old: Path, tmp_path: Path) -> None:
    """Several at once; then standard output stays empty."""
    ended = cli("report", old, "-f", "sarif=out.sarif", "-o", "out.md")
    assert (ended.code, ended.out, ended.err) == (0, "", "")
    assert json.loads((tmp_path / "out.sarif").read_text())["version"] == "2.1.0"
    assert (tmp_path / "out.md").read_text().startswith("#")


@pytest.mark.parametrize("what", ["topology", "report"])
def test_a_schema_is_json(cli: Cli, what: str) -> None:
    """And nothing else."""
    ended = cli("schema", what)
    assert json.loads(ended.out)["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (ended.code, ended.err) == (0, "")


def test_a_letter_that_cannot_be_shown_is_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal or in a pipe that is not UTF-8."""
    bytes_ = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(bytes_, encoding="ascii"))
    show("clocks ± 1 h\n")
    assert bytes_.getvalue() == b"clocks ? 1 h\n"


def test_a_reader_that_has_gone_is_no_failure() -> None:
    """`sessiondoctor schema topology | head -1`: no traceback, and the exit code is that of the command."""
    command = [sys.executable, "-m", "sessiondoctor", "schema", "topology"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (0, b"")


def test_a_report_that_an_editor_has_touched(cli: Cli, old: Path) -> None:
    """A byte order mark at its beginning is none of its content; half a character is said in one line."""
    old.write_bytes(b"\xef\xbb\xbf" + old.read_bytes())
    assert cli("report", old, "-f", "json").code == 0
    old.write_text(old.read_text(encoding="utf-8-sig").replace("The clocks", "\\ud800 clocks"))
    ended = cli("report", old)
    assert ended.code in {0, 2}
    assert "bug" not in ended.err


def test_a_report_comes_from_standard_input(tmp_path: Path) -> None:
    """As `scan -f json | report - -f markdown`."""
    command = [sys.executable, "-m", "sessiondoctor", "report", "-", "-f", "markdown"]
    text = render(a_report(target="https://shop.test/"), "json", Style())
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert "https://shop.test/" in done.stdout
    done = subprocess.run(command, input="", capture_output=True, text=True, check=False, cwd=tmp_path, timeout=60)
    assert done.returncode == 2
    assert "-: not a report of schema" in done.stderr
