"""Histograms in the reports: of what failed, and of everything for those who ask."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sessiondoctor.model import Confidence, Finding, Severity, Status
from sessiondoctor.report import Style, pictures, render
from tests.fakes.reports import a_report

HISTOGRAM = {
    "title": "Time to live of 30 keys",
    "bars": [{"label": "0-5 min", "count": 20}, {"label": "5-10 min", "count": 0}, {"label": "no expiry", "count": 1}],
}


def finding(status: Status, drawn: Any) -> Finding:
    """One with this histogram."""
    return Finding("ttl-missing", "store", status, Severity.LOW, Confidence.FIRM, "sessions", "expire",
                   {"histogram": drawn})  # fmt: skip


def shown(name: str, status: Status, *, verbose: bool = False, drawn: Any = HISTOGRAM) -> str:
    """A report with one finding."""
    return render(a_report(findings=(finding(status, drawn),)), name, Style(verbose=verbose))


def test_bars_are_as_long_as_their_counts() -> None:
    """What is there at all shows; what is not does not."""
    lines = shown("text", Status.FAIL).splitlines()
    start = lines.index("Time to live of 30 keys")
    bars = lines[start + 1 : start + 4]
    assert [line.count("#") for line in bars] == [40, 0, 2]
    assert bars[0].split() == ["0-5", "min", "20", "#" * 40]


@pytest.mark.parametrize("name", ["text", "markdown"])
def test_what_passes_is_drawn_for_those_who_ask(name: str) -> None:
    """What fails always is."""
    assert "Time to live" not in shown(name, Status.PASS)
    assert "Time to live" in shown(name, Status.PASS, verbose=True)
    assert "Time to live" in shown(name, Status.FAIL)


def test_html_draws_everything_and_json_has_the_figures() -> None:
    """Nobody has to ask."""
    page = shown("html", Status.PASS)
    assert ">no expiry</text>" in page
    assert '<rect class="bar"' in page
    assert json.loads(shown("json", Status.PASS))["findings"][0]["seen"]["histogram"] == HISTOGRAM


def test_the_same_picture_of_two_findings_is_drawn_once() -> None:
    """Several checks look at one census."""
    findings = (finding(Status.FAIL, HISTOGRAM), finding(Status.FAIL, HISTOGRAM))
    assert len(pictures.charts_of(findings, all_of_them=False)) == 1


@pytest.mark.parametrize(
    "drawn",
    [None, [], "x", {}, {"bars": 3}, {"bars": [3, None]}, {"title": 5, "bars": {}}, {"title": None, "bars": []}],
)
def test_a_file_may_hold_anything(drawn: Any) -> None:
    """No picture, and no crash."""
    assert pictures.charts_of([finding(Status.FAIL, drawn)], all_of_them=True) == ()


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_odd_counts(name: str) -> None:
    """Negative, huge, fractional, no number; too many bars."""
    counts = [-5, 10**400, 1.5, "many", None, True, *range(100)]
    drawn = {"title": "\x1b[31mred", "bars": [{"label": "\x1b[2J", "count": count} for count in counts]}
    text = shown(name, Status.FAIL, drawn=drawn)
    assert "\x1b" not in text
    assert len(text) < 20_000
