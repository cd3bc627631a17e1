"""State is lost and the cause cannot be told yet: every format says the same, once, and prints no fix."""

from __future__ import annotations

import json
from xml.etree import ElementTree as ET

import pytest

from sessiondoctor.model import Candidate, NextStep, Outcome, Report
from sessiondoctor.report import FORMATS, Style, render, wording
from tests.fakes.reports import a_diagnosis, a_report

SNIPPET = "nodes:\n  - {name: app1}"


def untold() -> Report:
    """Three candidates of one family."""
    likely = [a_diagnosis(cause, probability=p) for cause, p in (("one", 0.4), ("two", 0.3), ("three", 0.1))]
    return a_report(
        verdict=Outcome.FAULT_FOUND,
        exit_code=1,
        diagnosis=tuple(likely),
        differential=(Candidate("rest", 0.05),),
        next_steps=(NextStep("client-moves", 0.8, "add nodes with url", SNIPPET), NextStep("other", 0.1, "more")),
        headline=wording.UNTOLD,
        in_common="nothing keeps a client on its node",
    )


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_the_headline_and_no_fix(name: str) -> None:
    """Each candidate with its title; the fix is for a cause that is known."""
    text = render(untold(), name, Style(width=120))
    assert wording.UNTOLD in text
    assert "Fault found" not in text
    told = "show each candidate: report.candidates, or wording.answer(report)"
    assert all(f"The title of {cause}" in text for cause in ("one", "two", "three")), told
    assert "nothing keeps a client on its node" in text
    if name != "json":
        assert "First." not in text


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_people_get_the_one_next_step_ready_to_paste(name: str) -> None:
    """And what is less likely than the candidates is not listed."""
    text = render(untold(), name, Style(width=120))
    assert "What would tell: add nodes with url" in text
    assert "{name: app1}" in text
    assert "rest" not in text.split()


def test_one_box_in_the_text_report() -> None:
    """Never several."""
    text = render(untold(), "text", Style(width=120))
    assert text.count("\u256d") == 1
    assert sum("%" in line for line in text.splitlines()) == 3


def test_machines_read_one_failure() -> None:
    """Not three, and not none."""
    suites = ET.fromstring(render(untold(), "junit", Style()))
    (suite,) = (one for one in suites if one.get("name") == "diagnosis")
    assert (suite.get("tests"), suite.get("failures")) == ("1", "1")
    (result,) = json.loads(render(untold(), "sarif", Style()))["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("cause-not-told", "error")
    assert render(untold(), "github", Style()).count("::error") == 1


def test_a_loss_without_any_candidate_is_a_failure_as_well() -> None:
    """In every format that machines read."""
    lost = a_report(verdict=Outcome.FAULT_FOUND, exit_code=1, headline="State is lost, and no known cause accounts")
    suites = ET.fromstring(render(lost, "junit", Style()))
    assert [one.get("failures") for one in suites] == ["1"]
    assert json.loads(render(lost, "sarif", Style()))["runs"][0]["results"]
    assert "::error" in render(lost, "github", Style())


def test_what_the_site_answered_is_the_headline() -> None:
    """With no explanation that would speak of something else."""
    said = "https://shop.test/ answered 401 to every request: add credentials (-u)"
    blocked = a_report(verdict=Outcome.NOT_ENOUGH_ACCESS, exit_code=3, headline=said)
    for name in ("text", "markdown", "html", "github", "junit", "json"):
        text = render(blocked, name, Style(width=120))
        assert "answered 401 to every request" in text
        assert "could not be asked" not in text
