"""The text report: what a paged engineer reads and pastes."""

from __future__ import annotations

import pytest

from sessiondoctor.model import (
    Because,
    Candidate,
    ClientHistory,
    ClientRequest,
    Confidence,
    Finding,
    Severity,
    Solution,
    Status,
)
from sessiondoctor.report import Style, render
from sessiondoctor.report.wording import strength
from tests.fakes.reports import a_diagnosis, a_report

COMMAND = "sessiondoctor check secrets-differ signature-rejected -t 'a folder of shops/sessiondoctor.yaml'"


def test_the_command_is_never_wrapped() -> None:
    """It is pasted."""
    report = a_report(diagnosis=(a_diagnosis("signing-secret-mismatch", verify=COMMAND),))
    lines = render(report, "text", Style(width=40)).splitlines()
    assert f"  {COMMAND}" in lines
    assert max(len(line) for line in lines if COMMAND not in line) <= 40


def test_other_causes_have_their_titles() -> None:
    """An id alone says little."""
    other = Candidate("secret-regenerated-at-boot", 0.04, "Nodes generate a new signing secret at start-up")
    report = a_report(diagnosis=(a_diagnosis("signing-secret-mismatch"),), differential=(other,))
    text = " ".join(render(report, "text", Style(width=100)).split())
    assert "Nodes generate a new signing secret at start-up (secret-regenerated-at-boot, 4 %)" in text


@pytest.mark.parametrize(("bits", "word"), [(0.1, "weak"), (1.5, "fair"), (4.0, "strong"), (9.0, "strong")])
def test_how_much_a_finding_says_is_a_word(bits: float, word: str) -> None:
    """Nobody thinks in bits at night."""
    reason = Because("state-lost-on-move", "site", "a session was lost", bits)
    report = a_report(diagnosis=(a_diagnosis("lb-no-affinity", because=(reason,)),))
    assert strength(bits) == word
    for form in ("text", "markdown", "html"):
        shown = render(report, form, Style(width=100))
        assert f"{word})" in shown
        assert "bits" not in shown


def test_steps_flow_and_code_stands_apart() -> None:
    """Numbered right beyond nine, too."""
    steps = (
        *(f"Step {n}." for n in range(1, 10)),
        "Long prose\nthat goes on:\n```\nkey = 1\n\nother = 2\n```\nThe end.",
    )
    report = a_report(diagnosis=(a_diagnosis("x", solution=Solution("Do `it`.", "any", steps)),))
    lines = [line[17:] for line in render(report, "text", Style(width=80)).splitlines()]
    assert " 9. Step 9." in lines
    start = lines.index("10. Long prose that goes on:")
    assert lines[start + 1 : start + 5] == ["        key = 1", "", "        other = 2", "    The end."]
    assert any(line == "Do it." for line in lines)


def test_what_stands_twice_stands_once_with_a_count() -> None:
    """Of findings, and of requests one after the other."""
    one = Finding("c", "store", Status.FAIL, Severity.HIGH, Confidence.FIRM, "app1", "it fails", {}, "", None, "f1")
    requests = tuple(ClientRequest("app1", "lost", 200, "sid:1", at_s=n) for n in range(6))
    report = a_report(findings=(one, one, one), requests=(ClientHistory("returning 1", "6 requests", requests),))
    lines = render(report, "text", Style(width=100, verbose=True)).splitlines()
    assert [line for line in lines if "it fails" in line] == ["  x c app1: it fails (3 times)"]
    told = [line for line in lines if "app1" in line and "lost" in line]
    assert len(told) == 2
    assert "2-6" in told[1]
    assert "5 times, until 5.00s" in told[1]
    assert lines.index("What happened") < lines.index("Findings")
