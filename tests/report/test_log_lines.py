"""What was read of access logs, in a line each."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sessiondoctor.model import LogSummary
from sessiondoctor.report import Style, render
from sessiondoctor.report.log_lines import lines
from tests.fakes.reports import a_report


def a_log(**changes: Any) -> LogSummary:
    """Of ten lines."""
    settings: dict[str, Any] = {
        "file": "a.log", "format": "common", "lines": 10, "unread_lines": 0, "sessions": 4,
        "sessions_on_several_nodes": 0, "sessions_with_several_addresses": 0, "requests_on_several_nodes": 0,
        "nodes": {"app1": 6, "app2": 4},
    }  # fmt: skip
    return LogSummary(**(settings | changes))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, "10 lines; 4 sessions, 0 of them on several nodes; requests by node: app1 (6), app2 (4)"),
        ({"nodes": {}}, "10 lines; 4 sessions; no line names a node"),
        ({"sessions": 0}, "10 lines; no line has a session id; requests by node: app1 (6), app2 (4)"),
        ({"unread_lines": 2, "nodes": {}}, "10 lines, 2 of which do not fit the format; 4 sessions; no line names"),
        ({"unread_lines": 10}, "10 lines, none of which fits the format"),
        ({"nodes": {f"n{number}": 1 for number in range(9)}}, "n5 (1) and 3 more"),
    ],
)
def test_a_line_says_what_is_there_and_what_is_not(changes: dict[str, Any], told: str) -> None:
    """Where no node is named, nothing is said of sessions that kept to one."""
    (line,) = lines([a_log(**changes)])
    assert told in line
    assert line.startswith("a.log: ")


def test_people_read_it_and_hostile_names_stay_on_their_line() -> None:
    """Text and Markdown; not more than a screen."""
    logs = (a_log(file="a\x1b[31m\nb", nodes={"<b>\n": 1}), *[a_log()] * 30)
    for form in ("text", "markdown"):
        shown = render(a_report(logs=logs), form, Style(width=200))
        assert "Access logs" in shown
        assert "and 11 more" in shown
        assert "\x1b" not in shown


@pytest.mark.parametrize("form", ["text", "html", "markdown", "jira"])
def test_formats_for_people_show_what_was_read(form: str) -> None:
    """A file of 25 logs shows twenty, and counts the others."""
    shown = render(a_report(logs=tuple(a_log(file=f"node{number}.log") for number in range(25))), form, Style())
    assert "Access logs" in shown
    assert "node19.log" in shown
    assert "node20.log" not in shown
    assert "and 5 more" in shown


def test_the_page_has_a_table_of_logs() -> None:
    """Each log is a row with its name as the heading; the counts stand in columns."""
    shown = render(a_report(logs=(a_log(sessions_on_several_nodes=3),)), "html", Style())
    row = shown.partition('<th scope="row">a.log</th>')[2].partition("</tr>")[0]
    assert re.findall(r"<td>(.*?)</td>", row) == ["10", "0", "4", "3", "0", "app1 (6), app2 (4)"]
    assert '<a href="#logs">Access logs</a>' in shown
