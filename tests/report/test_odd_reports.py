"""Reports from anywhere: pictures of a wrong shape, numbers that are none, lines that mean something to a runner."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.errors import UsageError
from sessiondoctor.report import FORMATS, Style, render
from sessiondoctor.report.escape import no_command
from sessiondoctor.report.reader import read_report
from tests.fakes.reports import a_report
from tests.report.test_formats import report

if TYPE_CHECKING:
    from pathlib import Path

SHAPES: tuple[Any, ...] = (
    5, "rows", None, [], {}, {"rows": 5}, {"rows": [5, None, "ab"], "nodes": 7}, {"rows": [["kept"]], "nodes": None},
    {"rows": [[None, 5, {}]], "nodes": [None, 5, {}]}, {"rows": {"a": 1}, "nodes": ["a"]}, {"rows": [[]], "nodes": []},
)  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("picture", ["matrix", "histogram", "client"])
def test_a_picture_of_a_wrong_shape(picture: str, shape: Any, name: str) -> None:
    """It is not drawn, or as far as it goes; the report is written."""
    whole = report()
    findings = tuple(replace(finding, seen={picture: shape}) for finding in whole.findings)
    assert render(replace(whole, findings=findings), name, Style(width=80, verbose=True))


@pytest.mark.parametrize("width", [40, 41, 43, 60, 100])
@pytest.mark.parametrize("verbose", [True, False])
def test_no_line_of_text_is_a_command_to_a_runner(width: int, verbose: bool) -> None:  # noqa: FBT001 - both ways
    """Wherever a line is wrapped."""
    text = render(report("::error::x " * 30), "text", Style(width=width, verbose=verbose))
    assert "::error::" in text
    assert [line for line in text.splitlines() if line.lstrip().startswith("::")] == []


def test_a_command_is_still_to_be_read() -> None:
    """A backslash is put before it; other lines stay."""
    assert no_command("   ::set-output") == r"   \::set-output"
    assert no_command("a ::b") == "a ::b"


def test_the_footer_of_markdown() -> None:
    """What a report file says of its version and its time is no markup."""
    whole = report()
    odd = replace(whole, tool=replace(whole.tool, version="<b>[x](y)"), started_at="**2026**\n# now")
    footer = render(odd, "markdown", Style(width=80)).rstrip().splitlines()[-1]
    assert "<b>" not in footer
    assert "[x](y)" not in footer
    assert "**2026**" not in footer


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_number_that_is_none(tmp_path: Path, number: str) -> None:
    """No report."""
    file = tmp_path / "r.json"
    document = json.loads(render(a_report(), "json", Style()))
    file.write_text(json.dumps(document | {"duration_s": 12345.5}).replace("12345.5", number))
    with pytest.raises(UsageError, match="not a report of schema"):
        read_report(file)
