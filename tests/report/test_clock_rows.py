"""The table of clocks in each format."""

from __future__ import annotations

import json
from math import inf, nan
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.model import ClockOffset, ClockTable
from sessiondoctor.report import Style, clock_rows, render
from sessiondoctor.report.reader import read_report
from tests.fakes.reports import a_report

if TYPE_CHECKING:
    from pathlib import Path

OFF = ClockTable(
    "ntp1.test:123",
    (
        ClockOffset("app1", "node", "http-date", 0.004, 0.02),
        ClockOffset("app2", "node", "session-cookie", -90.2, 0.6),
        ClockOffset("edge", "balancer", "affinity-cookie", -45.0, 10.0),
        ClockOffset("this machine", "here", "", 0.002, 0.004),
    ),
)
FINE = ClockTable("this machine", (OFF.offsets[0], ClockOffset("edge", "balancer", "affinity-cookie", 0.3, 0.8)))


def shown(name: str, table: ClockTable | None, *, verbose: bool = False, width: int = 80) -> str:
    """A report with this table and nothing else."""
    return render(a_report(clocks=table), name, Style(verbose=verbose, width=width))


@pytest.mark.parametrize(
    ("offset", "within", "text"),
    [
        (-90.2, 0.6, "-90.2 +- 0.6 s"),
        (3600.04, 0.02, "+3600.04 +- 0.02 s"),
        (0.0, 1.1, "0.0 +- 1.1 s"),
        (0.4, 0.7, "0.0 +- 1.1 s"),
        (-0.4, 0.7, "0.0 +- 1.1 s"),
        (0.004, 0.02, "0.00 +- 0.03 s"),
        (0.0021, 0.0005, "+0.002 +- 0.001 s"),
        (1.24, 0.6, "+1.2 +- 0.7 s"),
        (nan, 1.0, "+10000000000.0 +- 1.0 s"),
        (1.0, inf, "0.0 +- 10000000001.0 s"),
    ],
)
def test_what_cannot_be_told_apart_from_nought_reads_so(offset: float, within: float, text: str) -> None:
    """As many digits as mean something, rounded so that the truth stays within; a file may hold any number."""
    assert clock_rows.off(ClockOffset("app1", "node", "http-date", offset, within), "+-") == text


def test_on_a_terminal() -> None:
    """One scale; a clock that may be right stands at the reference's time."""
    lines = shown("text", OFF).splitlines()
    start = lines.index("Clocks, ahead (+) or behind (-) of ntp1.test:123")
    assert lines[start + 1 : start + 5] == [
        "  app1            0.00 +- 0.03 s  http-date                  o",
        "  app2            -90.2 +- 0.6 s  session-cookie   o         |",
        "  edge           -45.0 +- 10.0 s  affinity-cookie      -o-   |",
        "  this machine  0.000 +- 0.006 s                             o",
    ]


def test_in_markdown_and_html() -> None:
    """No bar ends the cell of a table."""
    assert "| app2 | -90.2 ± 0.6 s | session-cookie | `o·········¦··········` |" in shown("markdown", OFF)
    page = shown("html", OFF)
    assert ">app2</text>" in page
    assert "-90.2 ± 0.6 s (session-cookie)" in page


@pytest.mark.parametrize("name", ["text", "markdown"])
def test_clocks_that_agree_take_one_line(name: str) -> None:
    """Whoever wants to see them asks, or reads the HTML report."""
    assert "2 clocks agree with this machine within 1.1 s" in shown(name, FINE)
    assert "affinity-cookie" not in shown(name, FINE)
    assert "affinity-cookie" in shown(name, FINE, verbose=True)
    assert "affinity-cookie" in shown("html", FINE)


@pytest.mark.parametrize("name", ["text", "markdown", "html", "json"])
def test_without_clocks_there_is_nothing(name: str) -> None:
    """As in a report of a version that had none."""
    assert "clock" not in shown(name, None, verbose=True).lower()


def test_the_figures_come_back_from_a_file(tmp_path: Path) -> None:
    """With what was read, unrounded."""
    file = tmp_path / "report.json"
    file.write_text(shown("json", OFF))
    assert json.loads(file.read_text())["clocks"]["offsets"][1] == {
        "subject": "app2", "kind": "node", "source": "session-cookie", "offset_s": -90.2, "uncertainty_s": 0.6,
    }  # fmt: skip
    assert read_report(file).clocks == OFF


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_a_file_may_hold_anything(name: str) -> None:
    """No escape sequence gets through, no number breaks the picture, no list is endless."""
    numbers = (nan, inf, -inf, 1e308, -1e308, -0.0)
    hostile = tuple(ClockOffset("\x1b[31m" * 50, "node", "\x1b[2J|", a, b) for a in numbers for b in numbers) * 9
    text = shown(name, ClockTable("\x1b]0;x\x07", hostile), verbose=True, width=60)
    assert "\x1b" not in text
    assert len(text) < 40_000
    if name == "text":
        assert max(map(len, text.splitlines())) <= 60


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_an_empty_table(name: str) -> None:
    """Nothing was read, nothing is said."""
    assert "this machine" not in shown(name, ClockTable("this machine", ()), verbose=True)
