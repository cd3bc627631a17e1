"""The text report: what a paged engineer reads and pastes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sessiondoctor.evidence.location import Location
from sessiondoctor.model import (
    Because,
    Candidate,
    ClientHistory,
    ClientRequest,
    Confidence,
    Finding,
    NextStep,
    Outcome,
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


def test_other_ways_out_are_no_steps() -> None:
    """Three at most, without numbers; where the others stand is said."""
    ways = tuple(f"Way {number}." for number in range(5))
    solution = Solution("Do it.", "any", ("First.", "Second."), ways)
    text = render(a_report(diagnosis=(a_diagnosis("some-cause", solution=solution),)), "text", Style(width=80))
    lines = [line.split() for line in text.splitlines()]
    assert ["or", "Way", "2."] in lines
    assert ["or", "Way", "3."] not in lines
    assert ["2", "more:", "sessiondoctor", "explain", "some-cause"] in lines


@pytest.mark.parametrize("form", ["text", "markdown", "html", "jira"])
def test_fixes_of_several_stacks_are_one_of_these(form: str) -> None:
    """Where nobody knows the stack, nobody is to do them one after the other."""
    solution = Solution("Do it.", "any", (), ("Flask: one.", "Rails: two."))
    text = render(a_report(diagnosis=(a_diagnosis("x", solution=solution),)), form, Style(width=80))
    assert "1." not in text.partition("Do it.")[2].partition("two.")[0]
    assert ("- Flask: one." if form == "text" else "One of these:") in text


def test_what_stands_as_evidence_is_not_listed_again() -> None:
    """A failed finding that no cause rests on is; `-v` shows all."""
    told = Finding("c", "store", Status.FAIL, Severity.HIGH, Confidence.FIRM, "app1", "it fails", {}, "", None, "f1")
    left = replace(told, check="d", summary="another thing fails", fingerprint="f2")
    cause = a_diagnosis("x", because=(Because("c", "app1", "it fails", 3.0),))
    report = a_report(findings=(told, left), diagnosis=(cause,))
    listed = render(report, "text", Style(width=80)).partition("Findings")[2]
    assert "another thing fails" in listed
    assert "it fails" not in listed
    assert "c app1: it fails" in render(report, "text", Style(width=80, verbose=True))


def test_a_line_of_a_file_is_its_place() -> None:
    """So that an editor opens it; the file's name stands once."""
    reason = Because("c", "app.conf", "no affinity", 3.0, Location("app.conf", 7))
    text = render(a_report(diagnosis=(a_diagnosis("x", because=(reason,)),)), "text", Style(width=80))
    assert "+ app.conf:7: no affinity (fair)" in text


def test_gaps_are_counted_where_there_are_many() -> None:
    """Eight are named."""
    gap = Finding("c", "store", Status.INCONCLUSIVE, Severity.HIGH, Confidence.FIRM, "site", "", {}, "why", None, "f1")
    findings = tuple(replace(gap, reason=f"reason {number}") for number in range(12))
    text = render(a_report(findings=findings), "text", Style(width=80))
    assert "? reason 7 (c)" in text
    assert "reason 8" not in text
    assert "? and 4 more; -v lists them" in text


def test_what_the_headline_says_is_said_once() -> None:
    """A site that gives no page gives one reason for everything."""
    no_page = Finding("c", "edge", Status.FAIL, Severity.HIGH, Confidence.FIRM, "site", "it is shut", {}, "", None, "f")
    unseen = replace(no_page, status=Status.INCONCLUSIVE, summary="", reason="it is shut", fingerprint="g")
    gaps = tuple(replace(unseen, check=f"check-{number}") for number in range(3))
    text = render(a_report(headline="it is shut", findings=(no_page, *gaps)), "text", Style(width=80))
    assert text.count("it is shut") == 1
    assert "  ? for this reason: 3 checks" in text


def test_a_step_has_no_headings_in_the_page() -> None:
    """Those who listen to a page go by its headings, and a report file may say anything."""
    solution = Solution("Do it.", "any", ("# Loud\nFirst.",), ("Softer\n======",))
    page = render(a_report(diagnosis=(a_diagnosis("some-cause", solution=solution),)), "html", Style())
    assert page.count("<h1>") == 1


def test_where_nothing_is_told_the_first_step_can_be_pasted() -> None:
    """Whole lines, without a break; the others are words."""
    flow = "site:\n  flow: {read: {path: /a-long-way-to-the-page-of-the-cart, expect: '{marker}'}}"
    steps = tuple(NextStep("a-check", 1.0, f"declare {n}", flow) for n in range(2))
    text = render(a_report(verdict=Outcome.NOT_ENOUGH_ACCESS, next_steps=steps), "text", Style(width=40))
    assert [line for line in text.splitlines() if "flow:" in line] == [f"    {flow.splitlines()[1]}"]
